import type { ComponentType } from "preact";
import { useEffect, useMemo, useState } from "preact/hooks";
import { apiWith } from "./api.ts";
import { isTaken, Keys } from "./keys.tsx";
import { Login } from "./login.tsx";
import type { Section, SectionProps } from "./section.ts";
import { sections } from "./sections.ts";

/** Where the key is kept: for this tab, until it is closed. */
const kept = "switchyard.key";

/** The page: a login, then one section at a time. */
export function App() {
  const [key, setKey] = useState(sessionStorage.getItem(kept));
  const [problem, setProblem] = useState<string | null>(null);
  const enter = (given: string | null, why: string | null): void => {
    if (given === null) sessionStorage.removeItem(kept);
    else sessionStorage.setItem(kept, given);
    setProblem(why);
    setKey(given);
  };
  return key === null ? (
    <Login problem={problem} onKey={(given) => enter(given, null)} />
  ) : (
    <Board secret={key} onLeave={(why) => enter(null, why)} />
  );
}

function Board({
  secret,
  onLeave,
}: {
  readonly secret: string;
  readonly onLeave: (why: string | null) => void;
}) {
  const section = useSection();
  const api = useMemo(() => apiWith(secret, onLeave), [secret]);
  const Shown = useLoaded(section);
  return (
    <>
      <header class="top">
        <strong>Switchyard</strong>
        <nav aria-label="Sections">
          {sections.map(({ id, title }) => (
            <a
              key={id}
              href={`#${id}`}
              ref={id === section.id ? inSight : null}
              aria-current={id === section.id ? "page" : undefined}
            >
              {title}
            </a>
          ))}
        </nav>
        <span class="own">
          <Keys />
          <button type="button" class="quiet" onClick={() => onLeave(null)}>
            Sign out
          </button>
        </span>
      </header>
      <main aria-label={section.title}>
        <h1 class="unseen">{section.title}</h1>
        {Shown === null ? <p>Loading …</p> : <Shown api={api} />}
      </main>
    </>
  );
}

/** On a phone the list of sections is wider than the screen. */
const inSight = (link: HTMLElement | null): void =>
  link?.scrollIntoView({ block: "nearest", inline: "center" });

/** The section that the address names; `g` and its key go to one. */
function useSection(): Section {
  const named = () =>
    sections.find(({ id }) => location.hash.slice(1).split(/[/?]/)[0] === id) ?? sections[0];
  const [section, setSection] = useState(named);
  useEffect(() => {
    const look = () => setSection(named());
    let going = false;
    const press = (event: KeyboardEvent): void => {
      if (isTaken(event)) return;
      const to = going ? sections.find((each) => each.key === event.key) : undefined;
      going = event.key === "g";
      if (to !== undefined) location.hash = to.id;
    };
    addEventListener("hashchange", look);
    addEventListener("keydown", press);
    return () => {
      removeEventListener("hashchange", look);
      removeEventListener("keydown", press);
    };
  }, []);
  return section;
}

function useLoaded(section: Section): ComponentType<SectionProps> | null {
  const [loaded, setLoaded] = useState<{
    readonly id: string;
    readonly it: ComponentType<SectionProps>;
  } | null>(null);
  useEffect(() => {
    let left = false;
    void section.load().then((it) => left || setLoaded({ id: section.id, it }));
    return () => {
      left = true;
    };
  }, [section]);
  return loaded?.id === section.id ? loaded.it : null;
}
