/** Which build of Assay made a report. */
import type { Report } from './report.ts';

/** Set by the build (vite.config.ts); absent where the core is used without it. */
declare const __ASSAY_VERSION__: string | undefined;
declare const __ASSAY_COMMIT__: string | undefined;

export function thisTool(): Report['tool'] {
  const version = typeof __ASSAY_VERSION__ === 'string' ? __ASSAY_VERSION__ : '0.0.0';
  const commit = typeof __ASSAY_COMMIT__ === 'string' ? __ASSAY_COMMIT__ : '';
  return { name: 'assay', version, ...(commit === '' ? {} : { commit }) };
}
