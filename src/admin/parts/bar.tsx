/** How much of a whole is used: calm until three quarters, then warning, then full. */
export const Bar = ({
  used,
  of,
  label,
}: {
  readonly used: number;
  readonly of: number;
  readonly label: string;
}) => (
  <meter
    class="bar"
    aria-label={label}
    min={0}
    max={of}
    low={of * 0.75}
    high={of * 0.95}
    optimum={0}
    value={Math.min(used, of)}
  />
);
