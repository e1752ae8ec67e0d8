import { hasNativeBuild, type RuntimeInfo } from '../../embedding/runtime/runtime-types.js';
import type { Finding } from '../../hooks/doctor/run-check.js';

/**
 * What `popstash doctor` says of the runtime that embedded its text. WebAssembly is a warning only where a native build
 * exists and was not asked away.
 * @param embedded what the check found so far
 */
export function describeRuntime(embedded: string, { kind, version, reason }: RuntimeInfo): Finding {
  const system = `${process.platform}-${process.arch}`;
  if (kind === 'native') return { detail: `${embedded}; onnxruntime ${version}, native build for ${system}` };
  const musl = isMusl();
  const tell = (why: string | null) =>
    `${embedded}; onnxruntime ${version} as WebAssembly, several times slower than a native build: ${why}`;
  if (!hasNativeBuild(process.platform, process.arch, musl))
    return { detail: tell(`there is none for ${system}${musl ? ' with musl' : ''}`) };
  if (reason?.startsWith('POPSTASH_MODEL_RUNTIME')) return { detail: tell(reason) };
  return {
    state: 'warning',
    detail: tell(reason),
    fix: 'Search works, but takes longer. Install PopStash again without --omit=optional, on a system of docs/installing.md (Linux: glibc 2.28, macOS 14).',
  };
}

/** A Linux whose C library is not glibc: Node names glibc's version in its reports, and no other. */
function isMusl(): boolean {
  if (process.platform !== 'linux') return false;
  // Without this a report looks up the names of all connections.
  const report = Object.assign(process.report, { excludeNetwork: true });
  const { header } = report.getReport() as { header?: { glibcVersionRuntime?: string } };
  return header?.glibcVersionRuntime === undefined;
}
