/** A text that is put together of others, and where each line of it came from. */
export class TextWithMap {
  code = ''
  /** @type {{ offset: { line: number, column: number }, map: object }[]} */
  #sections = []

  /** @param {string} code */
  add(code) {
    this.code += code
    return this
  }

  /** @param {string} code which came from where this map says @param {object | null} map */
  addMapped(code, map) {
    const lines = this.code.split('\n')
    if (map)
      this.#sections.push({ offset: { line: lines.length - 1, column: lines.at(-1)?.length ?? 0 }, map })
    return this.add(code.trimEnd())
  }

  /** An index map (ECMA-426): the maps of the parts as they are, with their places. */
  get map() {
    return { version: 3, sections: this.#sections }
  }
}
