import type { CompletionOption, CompletionPoint } from './list-completions.js';

type Points = readonly CompletionPoint[];

/** The script of each shell. They hold all there is to know: a key press starts no process. */
export const completionScripts = { bash: writeBash, zsh: writeZsh, fish: writeFish } as const;

/** How far the words typed so far are the words of a command: the longest one wins. The same in bash and zsh. */
function writeWalk(points: Points, words: string): string {
  const known = points.filter((point) => point.words !== '').map((point) => `'${point.words}'`);
  return `  local at='' word
  for word in "\${${words}}"; do
    [[ $word == -* ]] && continue
    case "\${at:+$at }$word" in
      ${known.join('|')}) at="\${at:+$at }$word" ;;
    esac
  done`;
}

function writeBash(points: Points): string {
  const cases = points.map((point) => {
    const words = [
      ...point.commands.map(({ name }) => name),
      ...point.values,
      ...point.options.flatMap(({ names }) => names),
    ];
    return `    '${point.words}') words='${words.join(' ')}' ;;`;
  });
  return `# popstash, for bash: source <(popstash completion bash)
_popstash() {
  local current=\${COMP_WORDS[COMP_CWORD]} previous=\${COMP_WORDS[COMP_CWORD-1]} words=''
${writeWalk(points, 'COMP_WORDS[@]:1:COMP_CWORD-1')}
  case "$at $previous" in
${listValues(points)
  .map(
    ({ at, option, values }) => `    ${option.names.map((name) => `'${at} ${name}'`).join('|')}) words='${values}' ;;`,
  )
  .join('\n')}
  esac
  [[ -z $words ]] && case "$at" in
${cases.join('\n')}
  esac
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -o default -F _popstash popstash`;
}

function writeZsh(points: Points): string {
  const cases = points.map((point) => {
    const described = [
      ...point.commands,
      ...point.values.map((name) => ({ name, description: '' })),
      ...point.options.flatMap(({ names, description }) => names.map((name) => ({ name, description }))),
    ];
    const items = described.map(({ name, description }) => quote(description === '' ? name : `${name}:${description}`));
    return `    '${point.words}') items=(${items.join(' ')}) ;;`;
  });
  return `#compdef popstash
# popstash, for zsh: popstash completion zsh > "\${fpath[1]}/_popstash"
_popstash() {
  local -a items
${writeWalk(points, '(@)words[2,CURRENT-1]')}
  case "$at \${words[CURRENT-1]}" in
${listValues(points)
  .map(
    ({ at, option, values }) => `    ${option.names.map((name) => `'${at} ${name}'`).join('|')}) items=(${values}) ;;`,
  )
  .join('\n')}
  esac
  (( \${#items} )) || case "$at" in
${cases.join('\n')}
  esac
  _describe popstash items || _files
}
if [[ $funcstack[1] == _popstash ]]; then _popstash "$@"; else compdef _popstash popstash; fi`;
}

function writeFish(points: Points): string {
  const lines = points.flatMap((point) => {
    const condition = writeCondition(point, points);
    return [
      ...point.commands.map(
        ({ name, description }) => `complete -c popstash -f -n ${quote(condition)} -a ${name} -d ${quote(description)}`,
      ),
      ...point.values.map((value) => `complete -c popstash -f -n ${quote(condition)} -a ${value}`),
      ...point.options.map((option) => `complete -c popstash -n ${quote(condition)} ${writeFishOption(option)}`),
    ];
  });
  return ['# popstash, for fish: popstash completion fish > ~/.config/fish/completions/popstash.fish', ...lines].join(
    '\n',
  );
}

/** When a command's words were typed, and none of a command below it. */
function writeCondition({ words, commands }: CompletionPoint, points: Points): string {
  const seen = (name: string) => `__fish_seen_subcommand_from ${name}`;
  const above = words === '' ? [] : words.split(' ').map(seen);
  const names = words === '' ? (points[0]?.commands ?? []) : commands;
  const below = names.length === 0 ? [] : [`not ${seen(names.map(({ name }) => name).join(' '))}`];
  return [...above, ...below].join('; and ');
}

function writeFishOption({ names, takesValue, values, description }: CompletionOption): string {
  const flags = names.map((name) => (name.startsWith('--') ? `-l ${name.slice(2)}` : `-s ${name.slice(1)}`));
  const value = takesValue ? [values.length > 0 ? `-x -a ${quote(values.join(' '))}` : '-r'] : ['-f'];
  return [...flags, ...value, `-d ${quote(description)}`].join(' ');
}

/** Options whose values are known. */
function listValues(points: Points): { at: string; option: CompletionOption; values: string }[] {
  return points.flatMap(({ words, options }) =>
    options
      .filter(({ values }) => values.length > 0)
      .map((option) => ({ at: words, option, values: option.values.join(' ') })),
  );
}

function quote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
