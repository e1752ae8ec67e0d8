import { describe, expect, test } from 'vitest';
import { clients } from '../../../src/hooks/clients/client-list.js';
import { createToolReader } from '../../../src/hooks/definition/read-tool.js';

const readTool = createToolReader(clients.map(({ tools }) => tools));
const files = (tool: string, input: object) => readTool(tool, input as Record<string, unknown>).files;

const PATCH = [
  '*** Begin Patch',
  '*** Add File: src/new.ts',
  '+*** Update File: src/content-of-new.ts',
  '*** Update File: src/old.ts',
  '*** Move to: src/moved.ts',
  '@@',
  ' *** Delete File: src/line-of-the-file.ts',
  '-a',
  '+b',
  '*** Delete File: src/gone.ts',
  '*** End Patch',
].join('\n');
const PATCHED = ['src/new.ts', 'src/old.ts', 'src/moved.ts', 'src/gone.ts'];
const indent = (text: string, by: string) => text.replace(/^/gm, by);

const DIFF = [
  'diff --git "a/d/\\303\\274 \\"x\\"\\t.txt" "b/d/\\303\\274 \\"x\\"\\t.txt"',
  'index 1..2 100644',
  '--- "a/d/\\303\\274 \\"x\\"\\t.txt"',
  '+++ "b/d/\\303\\274 \\"x\\"\\t.txt"',
  '@@ -1 +1 @@',
  '--- a line of the file',
  '+b',
  '--- a/src/with blank.ts\t2026-11-27 10:00:00 +0000',
  '+++ b/src/with blank.ts\t2026-11-27 10:00:00 +0000',
  '--- /dev/null',
  '+++ b/src/added.ts',
  'diff --git a/src/from.ts b/src/to.ts',
  'similarity index 100%',
  'rename from src/from.ts',
  'rename to src/to.ts',
  'diff --git a/logo.png b/logo.png',
  'Binary files differ',
].join('\n');
const DIFFED = ['d/ü "x"\t.txt', 'src/with blank.ts', 'src/added.ts', 'src/from.ts', 'src/to.ts', 'logo.png'];

describe('files of edits, as tools of many clients name them', () => {
  test.each<[string, object, string[]]>([
    ['Edit', { file_path: 'a.ts', old_string: 'x', new_string: 'y' }, ['a.ts']],
    ['MultiEdit', { file_path: 'a.ts', edits: [{ old_string: 'x', new_string: 'y' }] }, ['a.ts']],
    [
      'MultiEdit',
      { edits: [{ file_path: 'a.ts' }, { filePath: 'b.ts', edits: [{ path: 'c.ts' }] }] },
      ['a.ts', 'b.ts', 'c.ts'],
    ],
    ['NotebookEdit', { notebook_path: 'n.ipynb', new_source: 'path' }, ['n.ipynb']],
    ['editFiles', { files: ['a.ts', 'b.ts'] }, ['a.ts', 'b.ts']],
    ['editFiles', { files: [{ uri: 'file:///w/a.ts' }, { fsPath: '/w/b.ts' }] }, ['file:///w/a.ts', '/w/b.ts']],
    ['replace_string_in_file', { filePath: 'a.ts', oldString: 'x' }, ['a.ts']],
    ['multi_replace_string_in_file', { replacements: [{ filePath: 'a.ts' }, { filePath: 'b.ts' }] }, ['a.ts', 'b.ts']],
    ['edit_notebook_file', { filePath: 'n.ipynb' }, ['n.ipynb']],
    ['move_file', { source: 'a.ts', destination: 'b.ts' }, ['a.ts', 'b.ts']],
    ['rename', { oldPath: 'a.ts', newPath: 'b.ts' }, ['a.ts', 'b.ts']],
    [
      'apply_patch',
      { changes: { 'src/a.ts': { update: { move_path: 'src/b.ts' } }, 'src/c.ts': { delete: {} } } },
      ['src/a.ts', 'src/b.ts', 'src/c.ts'],
    ],
    ['apply_patch', { input: PATCH }, PATCHED],
    ['apply_patch', { patchText: PATCH }, PATCHED],
    ['apply_patch', { command: ['apply_patch', PATCH] }, PATCHED],
    ['apply_patch', { command: `apply_patch <<'EOF'\n${PATCH}\nEOF` }, PATCHED],
    ['apply_patch', { input: indent(PATCH, '    ') }, PATCHED],
    ['apply_patch', { input: indent(PATCH, '\t') }, PATCHED],
    ['apply_patch', { input: PATCH.replaceAll('\n', '\r\n') }, PATCHED],
    ['apply_patch', { patch: DIFF }, DIFFED],
    ['apply_patch', { patch: indent(DIFF, '  ') }, DIFFED],
    ['edit_file', { diff: DIFF }, DIFFED],
    ['replace_in_file', { path: 'docs/patches.md', diff: PATCH }, ['docs/patches.md']],
    ['Write', { file_path: 'a.json', content: { path: 'b.ts' } }, ['a.json']],
  ])('%s %j', (tool, input, expected) => {
    expect(readTool(tool, input as Record<string, unknown>)).toMatchObject({
      action: 'edit',
      files: expected,
      unchecked: undefined,
    });
  });

  test('a payload whose arguments are JSON in a text, or a patch alone', () => {
    const [claude] = clients;
    const payload = (tool_input: unknown) => ({ tool_name: 'apply_patch', tool_input });
    const read = (input: unknown) => claude.readPayload('pre-tool-use', payload(input), readTool).files;
    expect(read(JSON.stringify({ input: PATCH }))).toEqual(PATCHED);
    expect(read(PATCH)).toEqual(PATCHED);
    const camel = { toolName: 'edit', toolArgs: '{"path":"a.ts"}' };
    expect(claude.readPayload('pre-tool-use', camel, readTool)).toMatchObject({ action: 'edit', files: ['a.ts'] });
  });

  test('every file of a patch counts: also the 201st', () => {
    const many = Array.from({ length: 400 }, (_, n) => `src/f${n}.ts`);
    const patch = ['*** Begin Patch', ...many.map((name) => `*** Delete File: ${name}`), '*** End Patch'].join('\n');
    expect(files('apply_patch', { input: patch })).toEqual(many);
  });

  test('names with line breaks, tabs and quotes stay as they are', () => {
    const names = ['src/a\nb.ts', 'src/\t.ts', `src/"'\`.ts`, `src/${'d/'.repeat(300)}x`, `src/${'n'.repeat(2_000)}`];
    expect(files('Edit', { files: names })).toEqual(names);
  });

  test('the folder that a call names', () => {
    expect(readTool('Edit', { path: 'a.ts', cwd: '/w/src' })).toMatchObject({ folder: '/w/src', files: ['a.ts'] });
    expect(readTool('apply_patch', { input: PATCH, workdir: 'src' }).folder).toBe('src');
  });
});

describe('what can not be checked is said', () => {
  test.each<[string, string | undefined, object]>([
    ['no tool', undefined, {}],
    ['no arguments', 'Edit', {}],
    ['another form', 'Write', { where: { is: 'a.ts' } }],
    ['a patch without a header', 'apply_patch', { input: 'a b c' }],
    ['no text', 'Edit', { file_path: 7 }],
    ['a name with a NUL', 'Edit', { file_path: 'a\0b' }],
    ['a name that no system takes', 'Edit', { file_path: 'x'.repeat(5_000) }],
    ['more files than are checked', 'editFiles', { files: Array.from({ length: 1_001 }, (_, n) => `f${n}`) }],
    ['deeper than is read', 'MultiEdit', { edits: JSON.parse(`${'['.repeat(30)}{"path":"a.ts"}${']'.repeat(30)}`) }],
  ])('%s', (_what, tool, input) => {
    expect(readTool(tool, input as Record<string, unknown>).unchecked).toMatch(/\w/);
  });

  test('of too many files the first thousand are checked all the same', () => {
    const many = Array.from({ length: 1_500 }, (_, n) => `f${n}`);
    expect(files('editFiles', { files: many })).toEqual(many.slice(0, 1_000));
  });

  test('tools that read, or write no file of the project, are no edits', () => {
    for (const [tool, input] of [
      ['Read', { file_path: 'a.ts' }],
      ['TodoWrite', { todos: [{ content: 'x' }] }],
      ['list_files', { path: 'src' }],
      ['create_directory', { path: 'src' }],
      ['mcp__github__create_or_update_file', { path: 'a.ts' }],
      ['update_plan', { plan: [] }],
    ] as const)
      expect(readTool(tool, input)).toEqual({});
  });
});

describe('commands that hold a patch', () => {
  test.each([
    [{ command: `apply_patch <<'EOF'\n${PATCH}\nEOF` }, PATCHED, undefined],
    [{ command: ['bash', '-lc', `cd src && apply_patch <<'EOF'\n${PATCH}\nEOF`] }, PATCHED, undefined],
    [{ command: `cd "my folder" && git apply <<'EOF'\n${DIFF}\nEOF`, workdir: '/w' }, DIFFED, '/w/my folder'],
    [{ command: `patch -p1 <<-EOF\n${indent(DIFF, '\t')}\n\tEOF` }, DIFFED, undefined],
  ])('%j', (input, expected, folder) => {
    const tool = 'Bash';
    expect(readTool(tool, input)).toMatchObject({ action: 'shell', files: expected, ...(folder && { folder }) });
  });

  test.each(['git apply --check fix.diff', 'ls', `git apply --stat <<EOF\n${DIFF}\nEOF`])('no edit: %s', (command) => {
    expect(readTool('Bash', { command }).files).toBeUndefined();
  });
});
