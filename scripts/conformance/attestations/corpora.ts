/** The corpora the runner knows, one line each. */
import type { Corpus } from './corpus.ts';
import { omsGenerated, omsReference } from './corpora/oms.ts';
import { omsSpec } from './corpora/oms-spec.ts';
import { aicert } from './corpora/aicert.ts';
import { cyclonedx } from './corpora/cyclonedx.ts';
import { dvc, mlem } from './corpora/records.ts';
import { sigstoreConformance, sigstoreGenerated } from './corpora/sigstore.ts';
import { slsa } from './corpora/slsa.ts';
import { spdx } from './corpora/spdx.ts';

export const CORPORA: readonly Corpus[] = [
  omsGenerated,
  omsReference,
  omsSpec,
  sigstoreConformance,
  sigstoreGenerated,
  dvc,
  mlem,
  slsa,
  aicert,
  cyclonedx,
  spdx,
];
