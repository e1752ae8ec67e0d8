/** A path as its folder has it. @param folder undefined where that is not known */
export function fromFolder(folder: string | undefined, path: string): string {
  return folder === undefined || /^(?:[/\\]|[A-Za-z]:)/.test(path) ? path : `${folder}/${path}`;
}
