// @ts-check
import { execFile, spawn } from 'node:child_process';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { delimiter, dirname, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';

/** Bound of a hang, in ms. */
const START_MS = 60_000;

/**
 * Starts verdaccio on loopback, without an uplink, and publishes every tarball of a release.
 * @param {import('./prepare-tools.mjs').Tools} tools
 * @param {string} release folder of the packed release
 * @param {string} work folder of the registry's files
 * @returns {Promise<{ url: string, end(): void }>}
 */
export async function startRegistry({ registryNode, verdaccio, pairs }, release, work) {
  const port = await findFreePort();
  const url = `http://127.0.0.1:${port}/`;
  mkdirSync(work, { recursive: true });
  const config = join(work, 'config.yaml');
  writeFileSync(
    config,
    `storage: ${join(work, 'storage')}
auth: { htpasswd: { file: ${join(work, 'htpasswd')} } }
uplinks: {}
packages: { '**': { access: $all, publish: $all, unpublish: $all } }
max_body_size: 200mb
log: { type: stdout, format: pretty, level: error }
`,
  );
  const child = spawn(registryNode, [verdaccio, '--config', config, '--listen', `127.0.0.1:${port}`], {
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { HOME: work, PATH: `${dirname(registryNode)}${delimiter}/usr/bin${delimiter}/bin` },
  });
  const end = () => void child.kill();
  try {
    await waitFor(url);
    await publish(release, url, pairs[0]?.bin ?? '', work);
  } catch (error) {
    end();
    throw error;
  }
  return { url, end };
}

/** @returns {Promise<number>} */
function findFreePort() {
  return new Promise((resolve, reject) => {
    const server = createServer().once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
  });
}

/** @param {string} url */
async function waitFor(url) {
  const deadline = Date.now() + START_MS;
  for (;;) {
    if (
      await fetch(`${url}-/ping`).then(
        ({ ok }) => ok,
        () => false,
      )
    )
      return;
    if (Date.now() > deadline) throw new Error(`the registry does not answer at ${url}`);
    await pause(100);
  }
}

/**
 * @param {string} release
 * @param {string} url
 * @param {string} bin folder with node and npm
 * @param {string} home
 */
async function publish(release, url, bin, home) {
  const runtimes = join(release, 'runtimes');
  const tarballs = [
    ...readdirSync(runtimes).map((name) => join(runtimes, name)),
    ...readdirSync(release)
      .filter((name) => name.endsWith('.tgz'))
      .map((name) => join(release, name)),
  ];
  const token = `--//${new URL(url).host}/:_authToken=anyone`;
  for (const tarball of tarballs) {
    // Provenance comes from the workflow of a release, of which there is none here.
    await promisify(execFile)(join(bin, 'npm'), ['publish', tarball, '--registry', url, token, '--provenance=false'], {
      env: { HOME: home, PATH: `${bin}:/usr/bin:/bin` },
      maxBuffer: 16 << 20,
    });
  }
}
