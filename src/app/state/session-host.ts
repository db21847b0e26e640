/** What a check needs of the rest of the app, and what it keeps of its work. */
import type { Expectations } from '../../core/claims/attestations/kind.ts';
import type { StoredTrust } from '../../core/claims/attestations/trust-request.ts';
import type { NetworkEvent } from '../../core/progress.ts';
import type { Report } from '../../core/report/report.ts';
import type { Against, ArtifactScan, Intake, Plan } from '../../core/scan/model.ts';

export interface SessionHost {
  token(): string;
  network(event: NetworkEvent): void;
  keep(report: Report): Promise<string>;
  go(to: string, options?: { readonly replace?: boolean }): void;
  rewrite(to: string): void;
  announce(text: string): void;
  /** Name of the screen the person looks at. */
  screen(): string;
  /** A report has become another one: whoever looks at it, or into it, stays there. False: something else is shown. */
  follow(before: string, id: string): boolean;
  /** Address of the database's files. */
  database(): string;
  /** Signers remembered on this device. */
  readonly signers: SignerMemoryHost;
  /** What signatures are checked with besides what is given. */
  readonly trust: KeptTrustHost;
}

/** None of these rejects: without storage a check goes on without memory. */
export interface SignerMemoryHost {
  /** What was given, with what was accepted earlier for the publisher of these files. */
  expecting(plan: Plan, given: Expectations | undefined): Promise<Expectations | undefined>;
  /** The report with who signed now against who signed before. Remembers nothing. */
  compared(plan: Plan, report: Report): Promise<Report>;
  /** The report stands under this id: only now are its signers remembered. */
  shown(plan: Plan, id: string): void;
}

/** Neither rejects: without storage a check goes on with what is shipped and given. */
export interface KeptTrustHost {
  storedTrust(): Promise<StoredTrust | undefined>;
  /** Is told of every report: one of its signatures may need a newer trust root. */
  looked(report: Report): void;
}

/** The work behind a report of this visit: lets it be compared with more without reading again. */
export interface Finished {
  readonly id: string;
  readonly intake: Intake;
  readonly plan: Plan;
  readonly scans: readonly ArtifactScan[];
  readonly against: readonly Against[];
  readonly stopped: boolean;
  /** What its signatures were checked with. */
  readonly expect?: Expectations;
}
