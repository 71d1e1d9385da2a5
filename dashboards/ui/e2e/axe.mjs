// Axe, and what it finds on a page as it stands.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

/** Its source, to be evaluated in the page. */
export const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const TAGS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'best-practice'];

/** What is wrong, a line for each rule with the first place. */
export const violations = (page) =>
  page.evaluate(async (tags) => {
    const { violations: found } = await window.axe.run(document, {
      runOnly: { type: 'tag', values: tags },
      resultTypes: ['violations'],
    });
    return found.map(({ id, help, nodes: [first, ...more] }) => {
      const why = [...first.any, ...first.all].map(({ message }) => message).join('; ');
      return `${id}: ${help}: ${first.target.join(' ')} and ${more.length} more${why === '' ? '' : `: ${why}`}`;
    });
  }, TAGS);
