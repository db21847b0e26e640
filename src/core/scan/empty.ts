import type { ArtifactScan } from './model.ts';

/** A scan in which nothing was done: for artifacts that a stopped or broken run never came to. */
export function emptyScan(path: string, size: number): ArtifactScan {
  return {
    path,
    size,
    status: 'aborted',
    facts: {},
    metadata: [],
    findings: [],
    tensors: [],
    regions: [],
    digests: {},
    tensorDigests: [],
    tensorExtra: {},
    tensorData: {},
    bytesRead: 0,
    seconds: 0,
  };
}
