import { describe, expect, it } from 'vitest';
import { classify } from './classify.ts';

const judged = (name: string, options = {}): string => {
  const cut = name.indexOf(' ');
  return classify(name.slice(0, cut), name.slice(cut + 1), options).class;
};

describe('classify', () => {
  it.each([
    'torch._utils _rebuild_tensor_v2',
    'torch._utils _rebuild_tensor_v3',
    'torch FloatStorage',
    'torch bfloat16',
    'torch.cuda HalfStorage',
    'torch.nn.modules.linear Linear',
    'torch.nn.modules.container Sequential',
    'collections OrderedDict',
    '__builtin__ set',
    'copy_reg _reconstructor',
    '_codecs encode',
    'numpy.core.multiarray _reconstruct',
    'numpy._core.multiarray scalar',
    'argparse Namespace',
    'torch.jit._pickle build_intlist',
  ])('%s is allowed', (name) => {
    expect(judged(name)).toBe('allowed');
  });

  it.each([
    'os system',
    'nt system',
    'posix popen',
    'os.path join',
    'subprocess Popen',
    'builtins eval',
    '__builtin__ execfile',
    'builtins getattr',
    'torch.serialization load',
    'torch.storage _load_from_bytes',
    'torch.hub load',
    'torch hub.load',
    'torch._utils os.system',
    'torch.serialization os',
    'numpy.testing._private.utils runstring',
    'collections OrderedDict.__init__',
    'torch.nn.modules.linear Linear.__reduce__',
    'torch.jit load',
    'some.package anything.eval',
    'logging FileHandler',
    'pathlib Path.unlink',
    'numpy.core _ufunc_reconstruct',
    'urllib2 urlopen',
  ])('%s is dangerous', (name) => {
    expect(judged(name)).toBe('dangerous');
  });

  it.each([
    'mymodels Net',
    '__main__ Net',
    'torch.nn.modules.linear Net',
    'torch NotAStorage',
    'sklearn.tree Tree',
    'numpy anything',
  ])('%s is neither', (name) => {
    expect(judged(name)).toBe('unknown');
  });

  it('an allowed name with anything odd about it is not allowed any more', () => {
    for (const name of [
      ' torch FloatStorage',
      'torch FloatStorage ',
      'tоrch FloatStorage',
      'torch\r FloatStorage',
      'torch FloatStorage\0',
    ]) {
      const cut = name.lastIndexOf(' F');
      const verdict = classify(name.slice(0, cut), name.slice(cut + 1));
      expect(verdict.class).not.toBe('allowed');
      expect(verdict.odd).not.toBeNull();
    }
  });

  it('look-alikes of dangerous names are dangerous', () => {
    expect(classify('оs', 'system')).toMatchObject({ class: 'dangerous', odd: 'letters that look like others' });
    expect(classify('\uff4f\uff53', 'system')).toMatchObject({ class: 'dangerous' });
    expect(classify('os\u200b', 'system')).toMatchObject({ class: 'dangerous' });
  });

  it('TorchScript classes are allowed in TorchScript only', () => {
    expect(judged('__torch__.torch.nn.modules.linear.___torch_mangle_0 Linear', { torchScript: true })).toBe('allowed');
    expect(judged('__torch__ M')).toBe('unknown');
    expect(judged('__torch__.os system', {})).toBe('dangerous');
  });

  it('a name of thirty thousand parts is judged by its first ones and by each part', () => {
    const parts = Array.from({ length: 30_000 }, () => 'a').join('.');
    expect(judged(`os ${parts}`)).toBe('dangerous');
    expect(judged(`torch.hub load.${parts}`)).toBe('dangerous');
    expect(judged(`mymodels ${parts}.__globals__`)).toBe('dangerous');
    expect(judged(`mymodels ${parts}`)).toBe('unknown');
  });

  it('names of JavaScript objects are names like any other', () => {
    for (const name of ['__proto__', 'constructor', 'toString', 'hasOwnProperty']) {
      expect(classify(name, name).class).not.toBe('allowed');
      expect(classify('torch', name).class).not.toBe('allowed');
    }
  });
});
