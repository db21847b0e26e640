import { describe } from 'vitest';
import { hashProviderSuite } from './hasher.suite.ts';
import { wasmHashes } from './wasm.ts';

describe('hash-wasm and WebCrypto', () => hashProviderSuite(wasmHashes));
