import { ATTESTATIONS } from './targets/attestations.ts';
import { CONTAINERS } from './targets/containers.ts';
import { DATABASES } from './targets/databases.ts';
import { PARTS } from './targets/parts.ts';
import { SIDE_FILES } from './targets/side-files.ts';
import { STATEMENTS } from './targets/statements.ts';
import type { Target } from './target.ts';

/** Every parser that is fed, in the order of the summary. */
export const TARGETS: readonly Target[] = [
  ...CONTAINERS,
  ...PARTS,
  ...SIDE_FILES,
  ...STATEMENTS,
  ...DATABASES,
  ...ATTESTATIONS,
];
