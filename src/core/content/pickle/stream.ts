import type { AppError, ErrorDetail } from '../../errors.ts';
import type { FindingCode, Severity } from '../finding.ts';
import type { ImportUse, PyBytes, PyValue } from './value.ts';

/** Something noticed while reading a stream, at an opcode. */
export interface PickleNote {
  readonly code: FindingCode;
  readonly severity: Severity;
  /** Opcode offset in the stream's file. */
  readonly offset: number;
  readonly detail: ErrorDetail;
}

/** Bytes inside a pickle that look like, or are given to a reader of, another pickle or archive. */
export interface Embedded {
  readonly bytes: PyBytes;
  readonly kind: 'pickle' | 'zip' | 'compressed' | 'base64';
  /** The call that would load it, as `module name`; absent when it only lies there. */
  readonly loader?: string;
  /** Opcode offset. */
  readonly offset: number;
}

/** One pickle, from its first opcode to STOP or to where it broke. */
export interface PickleStream {
  readonly start: number;
  /** Offset behind STOP, or of the opcode that broke. */
  readonly end: number;
  /** The highest PROTO seen; 0 without one. */
  readonly protocol: number;
  readonly opcodes: number;
  readonly persistentIds: number;
  /** Undefined when the stream broke. */
  readonly value: PyValue | undefined;
  readonly imports: readonly ImportUse[];
  /** Distinct names beyond those in `imports`. */
  readonly importsUnlisted: number;
  readonly notes: readonly PickleNote[];
  readonly embedded: readonly Embedded[];
  /** Why reading stopped before STOP. */
  readonly error: AppError | null;
  /** Values were dropped to save memory: `value` is not the whole object. */
  readonly thinned: boolean;
}
