export interface Section {
  /** Its heading and those above it, outermost first; empty for text before the first heading. */
  path: string[];
  text: string;
}

/** Headings down to this level begin a section: deeper ones belong to it. */
const MAX_LEVEL = 2;

/** Cuts Markdown at its headings. Headings within code blocks and comments are none. Sections without text are left out. */
export function splitSections(markdown: string): Section[] {
  const sections: { path: string[]; lines: string[] }[] = [{ path: [], lines: [] }];
  const path: string[] = [];
  let fence: string | null = null;
  for (const line of markdown.split(/\r?\n/)) {
    const marker = /^ {0,3}(`{3,}|~{3,})/.exec(line)?.[1];
    if (marker !== undefined) {
      if (fence === null) fence = marker;
      else if (marker.startsWith(fence)) fence = null;
    }
    const [, hashes = '', title = ''] = fence === null ? (/^(#{1,6})\s+(.*?)\s*#*\s*$/.exec(line) ?? []) : [];
    if (title !== '' && hashes.length <= MAX_LEVEL) {
      path.length = Math.min(path.length, hashes.length - 1);
      path.push(title);
      sections.push({ path: [...path], lines: [] });
    } else {
      sections.at(-1)?.lines.push(line);
    }
  }
  return sections.flatMap(({ path: headings, lines }) => {
    const text = lines.join('\n').trim();
    return text === '' ? [] : [{ path: headings, text }];
  });
}
