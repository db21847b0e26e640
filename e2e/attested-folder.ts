/** A folder in which attestations of every kind lie beside the files they speak about, with the keys that made them. No real model. */
import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { newKey, signed, statementOver } from '../src/core/claims/attestations/oms/sign.suite.ts';
import { newInstance } from '../src/core/claims/attestations/sigstore/instance.suite.ts';
import { writeSafetensors } from '../src/core/formats/writers.suite.ts';

const md5 = (bytes: Uint8Array): string => createHash('md5').update(bytes).digest('hex');
const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/** Weights that differ from each other by their first number. */
export function weights(seed: number): Uint8Array {
  const values = new Float32Array(64);
  values[0] = seed;
  const bytes = new Uint8Array(values.buffer);
  return writeSafetensors([{ name: 'layers.0.mlp.up_proj.weight', dtype: 'F32', shape: [8, 8], bytes }]);
}

export function put(folder: string, files: Readonly<Record<string, Uint8Array | string>>): void {
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  }
}

export interface Attested {
  /** PEM of the key behind `signed/model.sig`. */
  readonly pem: string;
  /** `trusted_root.json` behind `logged/adapter.safetensors.sigstore.json`. */
  readonly trustedRoot: Uint8Array;
}

export const SIGNER = 'release@example.test';

/** Two signed shards, one logged adapter, a DVC and a MLEM record, a list, a bill, and weights nobody speaks about. */
export async function attestedFolder(folder: string): Promise<Attested> {
  const key = newKey();
  const shards = {
    'config.json': new TextEncoder().encode('{"model_type":"llama"}\n'),
    'model-00001-of-00002.safetensors': weights(1),
    'model-00002-of-00002.safetensors': weights(2),
  };
  const adapter = weights(3);
  const recorded = weights(4);
  const forest = new TextEncoder().encode('col,row\n1,2\n');
  const listed = weights(5);
  const billed = weights(6);
  const instance = await newInstance();
  const bundle = await instance.signFile(adapter, { identity: SIGNER });
  put(folder, {
    ...Object.fromEntries(Object.entries(shards).map(([name, bytes]) => [`signed/${name}`, bytes])),
    'signed/model.sig': signed(statementOver(shards), key),
    'logged/adapter.safetensors': adapter,
    'logged/adapter.safetensors.sigstore.json': JSON.stringify(bundle),
    'recorded/old.safetensors': recorded,
    'recorded/old.safetensors.dvc': `outs:\n- md5: ${md5(recorded)}\n  size: ${recorded.length}\n  hash: md5\n  path: old.safetensors\n`,
    'recorded/iris.csv': forest,
    'recorded/iris.csv.mlem': `artifacts:\n  data:\n    hash: ${md5(forest)}\n    size: ${forest.length}\n    uri: iris.csv\nobject_type: data\n`,
    'listed/vision.safetensors': listed,
    'listed/SHA256SUMS': `${sha256(listed)}  vision.safetensors\n`,
    'billed/model.safetensors': billed,
    'billed/bom.cdx.json': JSON.stringify(billOver('model.safetensors', billed), null, 2),
    'alone/extra.safetensors': weights(7),
  });
  return { pem: key.pem, trustedRoot: instance.trustedRoot };
}

/** A CycloneDX bill of materials for one file. */
function billOver(name: string, bytes: Uint8Array) {
  return {
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    serialNumber: 'urn:uuid:3e671687-395b-41f5-a30f-a58921a69b79',
    version: 1,
    metadata: {
      timestamp: '2026-05-01T10:00:00Z',
      component: {
        type: 'machine-learning-model',
        name: 'example/small-model',
        version: '1.0',
        description: 'A model that is in no catalogue.',
        supplier: { name: 'Example' },
        components: [{ type: 'file', name, hashes: [{ alg: 'SHA-256', content: sha256(bytes) }] }],
      },
    },
  };
}

/** A signed folder in which one file was changed, one is missing, and one was added since. @returns the key's PEM */
export function changedFolder(folder: string): string {
  const key = newKey();
  const files = {
    'config.json': new TextEncoder().encode('{"model_type":"llama"}\n'),
    'model-00001-of-00003.safetensors': weights(1),
    'model-00002-of-00003.safetensors': weights(2),
    'model-00003-of-00003.safetensors': weights(3),
  };
  const { 'model-00003-of-00003.safetensors': _, ...kept } = files;
  put(folder, {
    ...kept,
    'model-00002-of-00003.safetensors': weights(20),
    'modeling_custom.py': 'print("hello")\n',
    'model.sig': signed(statementOver(files), key),
  });
  return key.pem;
}
