import type { Share } from "../core/units.ts";
import { chanceOf } from "../runtime/digest.ts";

/** The chance of the `index`-th request (from 0) under a seed: what `send.seed` and `--seed` mean, wherever they stand. */
export const chanceAt = (seed: number, index: number): Share => chanceOf(`seed ${seed} request ${index}`);
