export { openSafetensors } from '../../src/core/formats/safetensors.ts';
export { openFile } from '../../src/cli/fs-source.ts';
export { readHeader } from '../../src/core/formats/safetensors/header.ts';
export { sha256Hex } from '../../src/core/formats/sha256.ts';
export { FindingCollector } from '../../src/core/content/collector.ts';
