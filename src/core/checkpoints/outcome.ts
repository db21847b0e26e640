/** As everywhere in Assay (`claims/check.ts`), which this layer does not import. */
export type Outcome = 'matches' | 'contradicts' | 'could-not-check' | 'no-claim';
