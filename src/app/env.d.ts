/** Written in by the build (vite.config.ts). */
declare const __ASSAY_VERSION__: string;
declare const __ASSAY_COMMIT__: string;
