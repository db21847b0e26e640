/** The demo models that scripts/build-demo.mjs makes, wrapped as if they had been dropped. */
import type { NetworkLog } from '../state/network-log.svelte.ts';
import type { PickedFile } from './picked.ts';

export interface Demo {
  readonly id: 'good' | 'tampered' | 'broken';
  readonly title: string;
  readonly note: string;
  /** Bytes of the weights file; held against the real ones by a test. */
  readonly bytes: number;
}

export const DEMOS: readonly Demo[] = [
  { id: 'good', title: 'A good copy', note: 'bytes as its publisher listed them', bytes: 81_288 },
  { id: 'tampered', title: 'A tampered copy', note: 'one layer was edited', bytes: 81_288 },
  { id: 'broken', title: 'A broken download', note: 'the last 12 % is missing', bytes: 71_533 },
];

const FILES = ['SHA256SUMS', 'config.json', 'model.safetensors', 'tensors.manifest'] as const;

/** @throws AppError SOURCE_HTTP, SOURCE_OFFLINE */
export async function fetchDemo(demo: Demo, network: NetworkLog): Promise<PickedFile[]> {
  return Promise.all(
    FILES.map(async (path) => {
      const blob = await network.read(new URL(`demo/${demo.id}/${path}`, document.baseURI).href);
      return { path, file: new File([blob], path) };
    }),
  );
}
