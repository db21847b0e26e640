import { describe, expect, it } from 'vitest';
import { FindingCollector } from './collector.ts';
import { inspectKerasConfig, newKerasFacts } from './keras-config.ts';
import { parseLooseText } from './loose-json.ts';

function codes(config: unknown): string[] {
  const findings = new FindingCollector();
  inspectKerasConfig(parseLooseText(JSON.stringify(config)).root, 'config.json', findings, newKerasFacts());
  return findings.list().map(({ code, severity }) => `${code} ${severity}`);
}

const layer = (
  module: string | null,
  class_name: string,
  config: unknown = {},
  registered_name: string | null = null,
) => ({
  module: 'keras',
  class_name: 'Sequential',
  config: { name: 's', layers: [{ module, class_name, config, registered_name }] },
});

describe('what a Keras configuration would import', () => {
  it.each([
    ['a layer of Keras', layer('keras.layers', 'Dense', { units: 3 }), []],
    ['an optimizer of a backend', layer('keras.src.backend.torch.optimizers.torch_adam', 'Adam'), []],
    ['a vocabulary written out', layer('keras.layers', 'StringLookup', { vocabulary: ['a/b', 'c'] }), []],
    ['a sentencepiece model in base64', layer('keras_nlp.tokenizers', 'T', { proto: `${'Ab/+'.repeat(40)}==` }), []],
    [
      'a loss that somebody registered',
      layer('builtins', 'function', 'my_loss', 'function'),
      ['keras-custom-class caution'],
    ],
    ['a registered class', layer('my_pkg.layers', 'Secret', {}, 'my_pkg>Secret'), ['keras-custom-class caution']],
    ['a class of the library that starts programs', layer('subprocess', 'Popen', {}), ['keras-arbitrary-class danger']],
    [
      'the same behind a registered name',
      layer('subprocess', 'Popen', {}, 'my_pkg>Popen'),
      ['keras-arbitrary-class danger'],
    ],
    ['a download by Keras itself', layer('keras.utils', 'get_file', {}), ['keras-arbitrary-class danger']],
    [
      'a pickled PyTorch module',
      layer('keras.layers', 'TorchModuleWrapper', { module: 'gAJ9' }),
      ['keras-arbitrary-class danger'],
    ],
    [
      'a vocabulary file',
      layer('keras.layers', 'TextVectorization', { vocabulary: 'gs://bucket/v.txt' }),
      ['keras-external-path danger'],
    ],
    [
      'code as an activation',
      layer('keras.layers', 'Dense', { activation: { class_name: '__lambda__', config: { code: 'x' } } }),
      ['keras-lambda danger'],
    ],
    [
      'a Lambda in the old list form',
      layer(null, 'Lambda', { function: ['code', null, null] }),
      ['keras-lambda danger'],
    ],
  ])('%s', (_what, config, expected) => {
    expect(codes(config)).toEqual(expected);
  });
});
