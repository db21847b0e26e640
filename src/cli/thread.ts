/** What a thread of the command line runs: digests of leaves, whole scans, or a share of a comparison. */
import { parentPort, workerData, type MessagePort } from 'node:worker_threads';
import type { LeafAnswer, LeafRequest } from './leaf-thread.ts';
import { sha256Here } from './node-hash.ts';
import { serveComparisons } from './compare-thread.ts';
import { serveScans } from './scan-thread.ts';

function serveLeaves(port: MessagePort): void {
  port.on('message', ({ id, buffer, offset, length }: LeafRequest) => {
    const answer: LeafAnswer = { id, digest: sha256Here(new Uint8Array(buffer, offset, length)) };
    port.postMessage(answer);
  });
}

const { role } = workerData as { readonly role: 'leaf' | 'scan' | 'compare' };
if (parentPort !== null) {
  if (role === 'leaf') serveLeaves(parentPort);
  else if (role === 'compare') serveComparisons(parentPort);
  else serveScans(parentPort);
}
