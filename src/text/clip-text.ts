/** The first characters of a text, with an ellipsis when that is not all of it; never half of a surrogate pair. */
export function clipText(text: string, length: number): string {
  if (text.length <= length) return text;
  const end = /[\uD800-\uDBFF]/.test(text.charAt(length - 1)) ? length - 1 : length;
  return `${text.slice(0, end)}…`;
}
