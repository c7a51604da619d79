// @ts-check
// tus-js-client is published for browsers as one script that sets window.tus; here it is a module like the others.
import "critique-vendor-tus";

const tus = /** @type {any} */ (globalThis).tus;
export const { Upload, isSupported, defaultOptions } = tus;
