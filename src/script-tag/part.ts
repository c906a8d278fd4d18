/**
 * The library for a script tag is made of classic scripts, which work where ES modules do not: pages from `file:`. The
 * first has what runs before a login; the others are loaded from beside it when they are needed. In each of them there
 * are chunks, functions in the form of CommonJS, as the build makes them (scripts/global-build.mjs).
 */
export interface Part {
  /** Parts of different releases do not fit together, and their files have the same names. */
  readonly build: string
  readonly chunks: Readonly<Record<string, Chunk>>
}

export type Chunk = (
  require: (specifier: string) => unknown,
  exports: object,
  module: { exports: object },
) => void

declare global {
  interface HTMLScriptElement {
    /** Where a part leaves itself: no global of its own, so that two tags in one page do not meet. */
    rtmMeshPart?: Part
  }
}
