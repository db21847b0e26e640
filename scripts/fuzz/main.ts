/** What the fuzzer's threads need of the project, as one bundle. */
export { Corpus } from './corpus.ts';
export { feedOf, inputAt } from './input.ts';
export { minimise } from './minimise.ts';
export { outcomeOf } from './target.ts';
export { TARGETS } from './targets.ts';
