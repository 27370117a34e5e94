// Compiles the style sheets and copies the one script and the fonts to jornada/web/static/built/.
// Run as `npm run build` after `npm ci`. Nothing is fetched here.
import { copyFileSync, existsSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import * as sass from "sass";

const styles = dirname(fileURLToPath(import.meta.url));
const project = join(styles, "..", "..", "..");
const modules = join(project, "node_modules");
const built = join(styles, "..", "static", "built");
mkdirSync(join(built, "fonts"), { recursive: true });

for (const name of ["worker", "staff", "floor"]) {
  const source = join(styles, `${name}.scss`);
  if (!existsSync(source)) {
    console.warn(`${name}.scss is not there: ${name}.css was not built`);
    continue;
  }
  const { css } = sass.compile(source, {
    style: "compressed",
    loadPaths: [styles, modules],
    quietDeps: true,
    silenceDeprecations: ["import", "global-builtin"],
  });
  writeFileSync(join(built, `${name}.css`), css);
  console.log(`${name}.css ${(css.length / 1024).toFixed(1)} KiB`);
}

const copies = [
  ["htmx.org/dist/htmx.min.js", "htmx.min.js"],
  ["dejavu-fonts-ttf/ttf/DejaVuSansCondensed.ttf", "fonts/DejaVuSansCondensed.ttf"],
  ["dejavu-fonts-ttf/ttf/DejaVuSansCondensed-Bold.ttf", "fonts/DejaVuSansCondensed-Bold.ttf"],
];
for (const [from, to] of copies) copyFileSync(join(modules, from), join(built, to));
