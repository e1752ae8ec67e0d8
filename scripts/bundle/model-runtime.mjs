// @ts-check
// The model's libraries in the bundle: transformers from its sources, of which only what is used stays, with the runtime
// that src/embedding/runtime has loaded in place of onnxruntime-node. onnxruntime-web's web flavour and sharp, which it
// imports and never runs here, are left out.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The `require` of onnxruntime-node/dist/binding.js, which names a file of its own package. */
const OWN_BINDING = /require\(`\.\.\/bin\/napi-v6\/[^`]*`\)/;

/**
 * @param {string} root the repository
 * @returns {import('esbuild').Plugin}
 */
export function modelRuntime(root) {
  const runtime = (/** @type {string} */ file) => JSON.stringify(join(root, 'src', 'embedding', 'runtime', file));
  return {
    name: 'model-runtime',
    setup(build) {
      build.onResolve({ filter: /^@xenova\/transformers$/ }, () => ({
        path: join(root, 'node_modules', '@xenova', 'transformers', 'src', 'transformers.js'),
      }));
      build.onLoad({ filter: /[\\/]transformers[\\/]src[\\/]backends[\\/]onnx-node\.js$/ }, ({ path }) => {
        if (!readFileSync(path, 'utf8').includes("requireFromHere('onnxruntime-node')"))
          throw new Error(`${path} loads its runtime in another way than this build knows`);
        return {
          contents: `import { currentRuntime } from ${runtime('current-runtime.ts')}; export default currentRuntime();`,
          resolveDir: root,
        };
      });
      build.onLoad({ filter: /[\\/]onnxruntime-node[\\/]dist[\\/]binding\.js$/ }, ({ path }) => {
        const text = readFileSync(path, 'utf8');
        if (!OWN_BINDING.test(text)) throw new Error(`${path} loads its binding in another way than this build knows`);
        return {
          contents: text.replace(OWN_BINDING, `require(${runtime('native-binding.ts')}).loadBinding()`),
          loader: 'js',
        };
      });
      build.onResolve({ filter: /^(onnxruntime-web\/webgpu|sharp)$/ }, ({ path }) => ({
        path,
        namespace: 'never-run',
      }));
      build.onLoad({ filter: /./, namespace: 'never-run' }, ({ path }) => ({
        contents: `export default () => { throw new Error(${JSON.stringify(`${path} is not part of PopStash`)}); };`,
      }));
    },
  };
}
