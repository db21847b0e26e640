import { describe, expect, it } from 'vitest';
import { FindingCollector } from './collector.ts';
import { noteRiskyText, riskyText } from './text.ts';

describe('riskyText', () => {
  it('names what a careless program could act on', () => {
    expect(riskyText('<img src=x onerror=alert(1)>')).toEqual(['HTML']);
    expect(riskyText('<b onmouseover = "x">')).toEqual(['HTML']);
    expect(riskyText('<iframe src=//example.invalid></iframe>')).toEqual(['HTML']);
    expect(riskyText('JavaScript:alert(1)')).toEqual(['script address']);
    expect(riskyText('java\nscript:alert(1)')).toEqual(['script address']);
    expect(riskyText('file:///etc/hosts')).toEqual(['file address']);
    expect(riskyText('\u001b]0;title\u0007')).toEqual(['terminal escape', 'control character']);
    expect(riskyText('../../etc/passwd')).toEqual(['path']);
    expect(riskyText('..\\x')).toEqual(['path']);
    expect(riskyText("{{constructor.constructor('return 1')()}}")).toEqual(['template']);
    expect(riskyText('=HYPERLINK("http://example.invalid")')).toEqual(['formula']);
    expect(riskyText("-2+3+cmd|' /C calc'!A0")).toEqual(['formula']);
    expect(riskyText('safe\u202egnp.exe')).toEqual(['reordering mark']);
    expect(riskyText('hi\u{e0041}')).toEqual(['invisible text']);
  });

  it('says nothing about the texts of ordinary models', () => {
    const ordinary = [
      'model.layers.0.self_attn.q_proj.weight',
      'a/b.c',
      'A model that is < 7B and > 3B, with x=1 & y.',
      'https://huggingface.co/org/name',
      'příliš žluťoučký kůň ☃ 🚀',
      'line\none\ttab\r\n',
      '<|im_start|>system',
      '- a list\n- of things',
      'v1..v2',
      '👩‍👩‍👧',
    ];
    for (const text of ordinary) expect(riskyText(text), text).toEqual([]);
  });

  it('takes milliseconds for megabytes made to be slow', () => {
    const start = performance.now();
    for (const unit of ['<a ', '=', 'j a v a s', '<x onabc', ' ', '../..', '-']) riskyText(unit.repeat(500_000));
    expect(performance.now() - start).toBeLessThan(5000);
  });
});

describe('noteRiskyText', () => {
  it('keeps a bounded number of findings and counts the rest', () => {
    const findings = new FindingCollector();
    for (let i = 0; i < 1000; i++) noteRiskyText('<script>', { key: `k${i}` }, findings);
    noteRiskyText('fine', { key: 'k' }, findings);
    const list = findings.list();
    expect(list).toHaveLength(32);
    expect(list.at(-1)?.detail).toMatchObject({ more: 968 });
  });
});
