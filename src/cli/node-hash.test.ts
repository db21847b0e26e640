import { describe } from 'vitest';
import { hashProviderSuite } from '../core/hash/hasher.suite.ts';
import { nodeHashes } from './node-hash.ts';

describe('node:crypto', () => hashProviderSuite(nodeHashes));
