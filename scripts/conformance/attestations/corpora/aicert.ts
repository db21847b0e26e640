/** AICert proofs: every case is judged by its single checks. */
import { only, verdictOf, type Case, type Corpus } from '../corpus.ts';

interface AicertCase extends Case {
  readonly file: string;
  readonly root: string;
  readonly checks: Readonly<Record<string, string>>;
  readonly facts?: { readonly event_log_register?: readonly number[] };
}

const STEPS: Readonly<Record<string, string>> = {
  simulation: 'simulation',
  certificate_chain: 'certificate',
  quote_signature: 'quote',
  pcr_digest: 'registers',
  event_log: 'event-log',
  freshness: 'freshness',
  os_image: 'os-image',
};

const OUTCOMES: Readonly<Record<string, string>> = {
  pass: 'matches',
  warn: 'matches',
  fail: 'contradicts',
  not_checked: 'could-not-check',
};

export const aicert: Corpus<AicertCase> = {
  name: 'aicert',
  job: (one, files) => ({
    kind: 'aicert',
    attestation: files.file(one.file),
    files: [],
    expect: { roots: [files.path(one.root)] },
  }),
  compare(one, examined) {
    const found = only(examined);
    if (typeof found === 'string') return [found];
    const lines: string[] = [];
    if (verdictOf(found) !== one.expect) lines.push(`${verdictOf(found)} instead of ${one.expect}`);
    for (const [name, stated] of Object.entries(one.checks)) {
      const word = stated.split(':')[0]!;
      const step = found.steps.find(({ id }) => id === STEPS[name]);
      if (step?.outcome !== OUTCOMES[word]) lines.push(`${name}: ${step?.outcome ?? 'not asked'} instead of ${stated}`);
      const warned = found.warnings.some(({ code }) => code === 'expired-now');
      if (name === 'certificate_chain' && word !== 'fail' && warned !== (word === 'warn'))
        lines.push(`${name}: warning ${warned}`);
    }
    const registers = one.facts?.event_log_register;
    if (registers !== undefined && String(found.facts['register']) !== registers.join(', ')) {
      lines.push(`register ${String(found.facts['register'])} instead of ${registers.join(', ')}`);
    }
    return lines;
  },
};
