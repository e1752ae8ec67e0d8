import type { Environment } from '../../config.js';

/** The value of `--name VALUE` or `--name=VALUE`. A hook has three flags: loading a parser would take longer. */
export function readFlag(flags: readonly string[], name: string): string | undefined {
  const at = flags.findIndex((flag) => flag === name || flag.startsWith(`${name}=`));
  const flag = at < 0 ? undefined : flags[at];
  if (flag === undefined) return undefined;
  return flag.includes('=') ? flag.slice(name.length + 1) : flags[at + 1];
}

/** Settings that init wrote into the command, since a client may start its hooks without them. */
export function withFlags(env: Environment, flags: readonly string[]): Environment {
  const [dataDir, project] = [readFlag(flags, '--data-dir'), readFlag(flags, '--project')];
  return {
    ...env,
    ...(dataDir !== undefined && { POPSTASH_DATA_DIR: dataDir }),
    ...(project !== undefined && { POPSTASH_PROJECT: project }),
  };
}
