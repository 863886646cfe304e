// Bundles assets/ into web/static with hashed names, precompressed copies and one manifest.
import { build } from "esbuild";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

const here = dirname(fileURLToPath(import.meta.url));
const target = resolve(here, "../static");
const fresh = `${target}.${process.pid}`;

function entries() {
  const pages = readdirSync(join(here, "pages")).filter((name) => /\.(ts|css)$/.test(name) && !name.endsWith(".d.ts"));
  return ["app.ts", "app.css", ...pages.sort().map((name) => `pages/${name}`)];
}

async function bundle() {
  const made = await build({
    absWorkingDir: here,
    entryPoints: entries(),
    outdir: fresh,
    outbase: here,
    bundle: true,
    format: "esm",
    target: ["chrome80"],
    minify: true,
    metafile: true,
    legalComments: "none",
    charset: "utf8",
    entryNames: "[dir]/[name]-[hash]",
    logLevel: "warning",
  });
  const names = {};
  for (const [path, output] of Object.entries(made.metafile.outputs)) {
    if (!output.entryPoint) continue;
    names[output.entryPoint.replace(/\.ts$/, ".js")] = relative(fresh, resolve(here, path));
  }
  return names;
}

function copyPublic(names) {
  const folder = join(here, "public");
  if (!existsSync(folder)) return;
  for (const name of readdirSync(folder).sort()) {
    const bytes = readFileSync(join(folder, name));
    const hash = createHash("sha256").update(bytes).digest("hex").slice(0, 8).toUpperCase();
    const dot = name.lastIndexOf(".");
    names[name] = `${name.slice(0, dot)}-${hash}${name.slice(dot)}`;
    writeFileSync(join(fresh, names[name]), bytes);
  }
}

function compress(folder) {
  for (const name of readdirSync(folder)) {
    const path = join(folder, name);
    if (statSync(path).isDirectory()) {
      compress(path);
      continue;
    }
    const bytes = readFileSync(path);
    const quality = { [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY };
    writeFileSync(`${path}.gz`, gzipSync(bytes, { level: 9 }));
    writeFileSync(`${path}.br`, brotliCompressSync(bytes, { params: quality }));
  }
}

rmSync(fresh, { recursive: true, force: true });
mkdirSync(fresh, { recursive: true });
const names = await bundle();
copyPublic(names);
compress(fresh);
const sorted = Object.fromEntries(Object.entries(names).sort(([a], [b]) => (a < b ? -1 : 1)));
writeFileSync(join(fresh, "manifest.json"), `${JSON.stringify(sorted, null, 2)}\n`);
rmSync(target, { recursive: true, force: true });
renameSync(fresh, target);
