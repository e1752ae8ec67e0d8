import { isMap, isScalar, isSeq, type Pair, parseDocument, type YAMLMap, type YAMLSeq } from 'yaml';

const BOM = '\ufeff';

/** Lines of ours in a YAML file, between two comments. */
export interface YamlPart {
  /** The keys that lead to the map or the list which our lines go into. */
  path: readonly string[];
  /** An item of that list, or a key of that map: its lines, without indentation. */
  lines: readonly string[];
}

export interface YamlMarkers {
  begin: string;
  end: string;
}

/**
 * The text with these parts, each at the beginning of the map or the list that it belongs to: comments, order and line ends
 * stay.
 * @throws Error when the text is no YAML of that shape, or would mean something else besides our parts
 */
export function addYamlParts(text: string, parts: readonly YamlPart[], markers: YamlMarkers): string {
  const bare = cutYamlParts(text, markers);
  const newline = bare.includes('\r\n') ? '\r\n' : '\n';
  const root = parse(bare).contents;
  const found = parts.map((part) => findInsertion(bare, root, part));
  // From the last to the first, so that the positions before stay; what goes to the same position is one block.
  const edited = [...new Set(found.map(({ at }) => at))]
    .sort((a, b) => b - a)
    .reduce((each, at) => {
      const own = found.filter((insertion) => insertion.at === at);
      const lines = [markers.begin, ...own.flatMap((insertion) => insertion.lines), markers.end];
      return each.slice(0, at) + lines.map((line) => `${own[0]?.indent}${line}${newline}`).join('') + each.slice(at);
    }, bare);
  parse(edited);
  if (cutYamlParts(edited, markers) !== bare)
    throw new Error('popstash can not add to it so that it can be taken out again');
  return edited;
}

/** The text without our parts. */
export function cutYamlParts(text: string, { begin, end }: YamlMarkers): string {
  const lines = text.split('\n');
  const kept: string[] = [];
  let isOurs = false;
  for (const line of lines) {
    if (line.trim() === begin) isOurs = true;
    if (!isOurs) kept.push(line);
    if (line.trim() === end) isOurs = false;
  }
  return isOurs ? text : kept.join('\n');
}

/** @throws Error when it is no YAML, or a key occurs twice */
function parse(text: string) {
  const document = parseDocument(text);
  const [error] = document.errors;
  if (error) throw new Error(`it is no YAML: ${error.message.split('\n')[0]}`);
  return document;
}

interface Insertion {
  at: number;
  indent: string;
  lines: readonly string[];
}

function findInsertion(text: string, root: unknown, { path, lines }: YamlPart): Insertion {
  let node = root;
  for (const [depth, key] of path.entries()) {
    if (node !== null && !isMap(node)) throw new Error(`${path.slice(0, depth).join('.') || 'it'} is no map`);
    const pair = node?.items.find(({ key: each }) => isScalar(each) && each.value === key);
    // What is missing on the way is ours too.
    if (!pair) return insertAt(text, node, nest(path.slice(depth), lines));
    node = pair.value;
    if (!isMap(node) && !isSeq(node)) throw new Error(`"${key}" has nothing in it: take it out first`);
  }
  return insertAt(text, node, lines);
}

/** The lines below keys of their own. */
function nest(keys: readonly string[], lines: readonly string[]): string[] {
  return keys.reduceRight<string[]>((inner, key) => [`${key}:`, ...inner.map((line) => `  ${line}`)], [...lines]);
}

/** Before the first entry of a map or a list, in its indentation; in a file without any, at its beginning. */
function insertAt(text: string, node: unknown, lines: readonly string[]): Insertion {
  const first = text.startsWith(BOM) ? BOM.length : 0;
  if (node === null) return { at: first, indent: '', lines };
  if ((!isMap(node) && !isSeq(node)) || node.flow || node.items.length === 0)
    throw new Error('it is written between brackets, in one line: popstash can not add to it');
  const start = startOf(node);
  const at = Math.max(text.lastIndexOf('\n', start - 1) + 1, first);
  const indent = text.slice(at, start);
  if (indent.trim() !== '') throw new Error('its first entry does not begin a line');
  return { at, indent, lines };
}

/** Where the first entry begins; of a list, its dash. */
function startOf(node: YAMLMap | YAMLSeq): number {
  if (isSeq(node)) return node.range?.[0] ?? 0;
  const [first] = node.items as Pair<{ range?: [number, number, number] }>[];
  return first?.key.range?.[0] ?? 0;
}
