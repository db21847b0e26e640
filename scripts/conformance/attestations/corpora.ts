/** The corpora the runner knows, one line each. */
import type { Corpus } from './corpus.ts';
import { omsGenerated, omsReference } from './corpora/oms.ts';
import { aicert } from './corpora/aicert.ts';
import { dvc, mlem } from './corpora/records.ts';
import { sigstoreConformance, sigstoreGenerated } from './corpora/sigstore.ts';
import { slsa } from './corpora/slsa.ts';
import { spdx } from './corpora/spdx.ts';

export const CORPORA: readonly Corpus[] = [
  omsGenerated,
  omsReference,
  sigstoreConformance,
  sigstoreGenerated,
  dvc,
  mlem,
  slsa,
  aicert,
  spdx,
];
