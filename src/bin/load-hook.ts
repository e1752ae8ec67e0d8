// dist/hook.cjs: loads the code of `popstash hook` (hook.ts) with V8's code cache. An agent's edit waits for it, and the
// compiler would take a tenth of the start of a bare Node (docs/benchmarks.md, P15).
import {
  accessSync,
  closeSync,
  constants,
  fsyncSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { Script } from 'node:vm';

/** The code's file, whose name has a hash of its content: V8 compares a cache with the length of its source alone. */
declare const HOOK_CODE: string;

const folder = join(__dirname, 'chunks');
const code = join(folder, HOOK_CODE);
/** Another version of Node would refuse it. */
const cache = `${code}.${process.version}-${process.arch}.cache`;

const cachedData = readIfThere(cache);
const wrapped = `(function (require) {${readFileSync(code, 'utf8')}\n})`;
const script = new Script(wrapped, { filename: code, ...(cachedData && { cachedData }) });
// What the commonest call runs is compiled when it ends.
if ((!cachedData || script.cachedDataRejected) && process.argv.includes('pre-tool-use')) process.on('exit', keepCache);
(script.runInThisContext() as (require: (name: string) => unknown) => void)(requireOnce());

/** Each source file of the bundle asks for Node's modules itself, and each of Node's answers takes a while. */
function requireOnce(): (name: string) => unknown {
  const known = new Map<string, unknown>();
  return (name) => known.get(name) ?? known.set(name, require(name)).get(name);
}

function readIfThere(path: string): Buffer | undefined {
  try {
    return readFileSync(path);
  } catch {
    return undefined;
  }
}

/** Where this user may write into the program's folder; elsewhere each call compiles. */
function keepCache(): void {
  const own = `${cache}.${process.pid}`;
  try {
    accessSync(folder, constants.W_OK);
    const file = openSync(own, 'w', 0o644);
    writeSync(file, script.createCachedData());
    // Half a cache could end the process that reads it.
    fsyncSync(file);
    closeSync(file);
    renameSync(own, cache);
  } catch {
    // The next call tries again.
    rmSync(own, { force: true });
  }
}
