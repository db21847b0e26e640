/** Which digests the claims ask for, so that one read of each file computes them all. */
import type { Algorithm } from '../hash/hasher.ts';
import type { Claim, DigestStatement } from './claim.ts';
import { resolvePaths } from './resolve.ts';

export interface Wanted {
  /** Besides SHA-256. */
  readonly algorithms: readonly Algorithm[];
  /** For tensors and for all tensor data, besides `assay-tensor-v1`. */
  readonly tensorAlgorithms: readonly Algorithm[];
}

interface Wants {
  readonly algorithms: Set<Algorithm>;
  readonly tensorAlgorithms: Set<Algorithm>;
}

/**
 * @param claims all that will be compared
 * @param paths of the artifacts that are content (no claim files)
 * @returns for every path what some claim asks of it; statements without a name, or whose name is not here, ask it of
 * every file, because they are then looked for by digest
 */
export function wantedAlgorithms(claims: readonly Claim[], paths: readonly string[]): ReadonlyMap<string, Wanted> {
  const wants = new Map<string, Wants>(
    paths.map((path) => [path, { algorithms: new Set(), tensorAlgorithms: new Set() }]),
  );
  for (const claim of claims) {
    const listed = [...new Set(claim.statements.flatMap((s) => (s.path === null ? [] : [s.path])))];
    const resolved = resolvePaths(listed, paths, !claim.exhaustive);
    const everywhere = new Map<string, DigestStatement>();
    for (const statement of claim.statements) {
      const at = statement.path === null ? undefined : resolved.get(statement.path);
      if (at === undefined) everywhere.set(`${statement.scope} ${statement.algorithm}`, statement);
      else want(wants.get(at.path), statement);
    }
    for (const statement of everywhere.values()) for (const one of wants.values()) want(one, statement);
  }
  return new Map(
    [...wants].map(([path, { algorithms, tensorAlgorithms }]) => [
      path,
      { algorithms: [...algorithms].sort(), tensorAlgorithms: [...tensorAlgorithms].sort() },
    ]),
  );
}

function want(wants: Wants | undefined, { scope, algorithm }: DigestStatement): void {
  if (scope !== 'file') wants?.tensorAlgorithms.add(algorithm);
  else if (algorithm !== 'sha256') wants?.algorithms.add(algorithm);
}
