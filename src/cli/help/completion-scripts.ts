import type { CompletionOption, CompletionPoint, CompletionWord } from './list-completions.js';

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
  const cases = points.map(({ words, commands, values, options }) => {
    const names = options.flatMap((option) => option.names);
    return `    '${words}') words='${[...commands.map(({ name }) => name), ...values].join(' ')}' options='${names.join(' ')}' ;;`;
  });
  return `# popstash, for bash: source <(popstash completion bash)
_popstash() {
  local current=\${COMP_WORDS[COMP_CWORD]} previous=\${COMP_WORDS[COMP_CWORD-1]} words='' options=''
${writeWalk(points, 'COMP_WORDS[@]:1:COMP_CWORD-1')}
  case "$at" in
${cases.join('\n')}
  esac
  [[ $current == -* ]] && words=$options
  case "$at $previous" in
${listValues(points)
  .map(({ names, values }) => `    ${names}) words='${values}' ;;`)
  .join('\n')}
  esac
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -o default -F _popstash popstash`;
}

function writeZsh(points: Points): string {
  const describe = ({ name, description }: CompletionWord) =>
    quote(description === '' ? name : `${name.replaceAll(':', '\\:')}:${description}`);
  const cases = points.map(({ words, commands, values, options }) => {
    const named = [...commands, ...values.map((name) => ({ name, description: '' }))].map(describe);
    const flags = options.flatMap(({ names, description }) => names.map((name) => describe({ name, description })));
    return `    '${words}') items=(${named.join(' ')}) options=(${flags.join(' ')}) ;;`;
  });
  return `#compdef popstash
# popstash, for zsh: popstash completion zsh > "\${fpath[1]}/_popstash"
_popstash() {
  local -a items options
${writeWalk(points, '(@)words[2,CURRENT-1]')}
  case "$at" in
${cases.join('\n')}
  esac
  [[ \${words[CURRENT]} == -* ]] && items=("\${options[@]}")
  case "$at \${words[CURRENT-1]}" in
${listValues(points)
  .map(({ names, values }) => `    ${names}) items=(${values}) ;;`)
  .join('\n')}
  esac
  (( \${#items} )) && _describe popstash items || _files
}
if [[ $funcstack[1] == _popstash ]]; then _popstash "$@"; else compdef _popstash popstash; fi`;
}

function writeFish(points: Points): string {
  const known = points.filter((point) => point.words !== '').map((point) => `'${point.words}'`);
  const lines = points.flatMap(({ words, commands, values, options }) => {
    const condition = quote(`__popstash_at ${words}`.trim());
    return [
      ...commands.map(
        ({ name, description }) => `complete -c popstash -f -n ${condition} -a ${name} -d ${quote(description)}`,
      ),
      ...values.map((value) => `complete -c popstash -f -n ${condition} -a ${value}`),
      ...options.map((option) => `complete -c popstash -n ${condition} ${writeFishOption(option)}`),
    ];
  });
  return `# popstash, for fish: popstash completion fish > ~/.config/fish/completions/popstash.fish
function __popstash_at
  set -l at ''
  for word in (commandline -opc)[2..-1]
    string match -q -- '-*' $word; and continue
    switch (string trim "$at $word")
      case ${known.join(' ')}
        set at (string trim "$at $word")
    end
  end
  test "$at" = "$argv"
end
${lines.join('\n')}`;
}

function writeFishOption({ names, takesValue, values, description }: CompletionOption): string {
  const flags = names.map((name) => (name.startsWith('--') ? `-l ${name.slice(2)}` : `-s ${name.slice(1)}`));
  const value = takesValue ? [values.length > 0 ? `-x -a ${quote(values.join(' '))}` : '-r'] : ['-f'];
  return [...flags, ...value, `-d ${quote(description)}`].join(' ');
}

/** Options that take a value, with those that it may be; none where it may be anything, such as a file. */
function listValues(points: Points): { names: string; values: string }[] {
  return points.flatMap(({ words, options }) =>
    options
      .filter(({ takesValue }) => takesValue)
      .map(({ names, values }) => ({
        names: names.map((name) => `'${words} ${name}'`).join('|'),
        values: values.join(' '),
      })),
  );
}

function quote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
