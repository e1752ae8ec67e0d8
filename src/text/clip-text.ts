/** The first `length` UTF-16 units of a text, one less where that would leave half of a surrogate pair. */
export function cutText(text: string, length: number): string {
  if (text.length <= length) return text;
  const last = text.charCodeAt(length - 1);
  return text.slice(0, last >= 0xd800 && last <= 0xdbff ? length - 1 : length);
}

/** The beginning of a text, cut by `cutText`, with an ellipsis when that is not all of it. */
export function clipText(text: string, length: number): string {
  const cut = cutText(text, length);
  return cut === text ? text : `${cut}…`;
}
