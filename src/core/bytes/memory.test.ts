import { MemorySource } from './memory.ts';
import { sourceSuite } from './source.suite.ts';

sourceSuite({
  title: 'MemorySource',
  open: async (bytes) => ({ source: new MemorySource('m', bytes) }),
  notices: [],
});
