import type { Resources } from "@podium/shared";

/**
 * Turns what people ask for into the names that drivers give: `A100|H100` into `NVIDIA A100-SXM4-40GB|H100` where a
 * node has the former and none the latter. A word of a model's name means that model in any case of letters, so
 * `A100` means no A10; a name that some device has to the letter means that one alone.
 */
export function gpuModels(known: Iterable<string>) {
  const models = [...new Set(known)].sort().map((name) => ({ name, words: wordsOf(name) }));
  const meant = new Map<string, string>();
  const namesOf = (wish: string): string[] => {
    if (models.some(({ name }) => name === wish)) return [wish];
    const words = wordsOf(wish);
    const found = models.filter((model) => words.size > 0 && words.isSubsetOf(model.words));
    return found.length > 0 ? found.map(({ name }) => name) : [wish];
  };
  const resolve = (constraint: string) => {
    const names = constraint.split("|").flatMap((wish) => namesOf(wish.trim()));
    const resolved = [...new Set(names)].join("|");
    meant.set(constraint, resolved);
    return resolved;
  };
  return {
    /** The same needs, with the models as the devices that there are name them. */
    in(resources: Resources): Resources {
      const { gpu_model: wish } = resources;
      return wish === null ? resources : { ...resources, gpu_model: meant.get(wish) ?? resolve(wish) };
    },
    names: models.map(({ name }) => name),
  };
}

function wordsOf(name: string): Set<string> {
  return new Set(
    name
      .toLowerCase()
      .split(/[\s_-]+/)
      .filter(Boolean),
  );
}
