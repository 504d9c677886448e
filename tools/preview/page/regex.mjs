/** A regular expression as a board writes it: `/pattern/flags`, or the pattern alone. */
export function regex(text) {
    const [, pattern, flags] = /^\/(.*)\/(\w*)$/s.exec(text) ?? [null, text, ""];
    return new RegExp(pattern, flags);
}
