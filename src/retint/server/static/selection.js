// The pictures that are selected for actions on several.

const chosen = new Set(); // ids
export const changes = new EventTarget();

export const has = ({ id }) => chosen.has(id);
export const count = () => chosen.size;

export function set({ id }, on) {
  if (on) chosen.add(id);
  else chosen.delete(id);
  changes.dispatchEvent(new Event("change"));
}

// Forgets closed pictures.
export function keepOnly(list) {
  for (const id of [...chosen]) if (!list.some((each) => each.id === id)) chosen.delete(id);
}

// Those of a list, or the whole list if none is selected.
export function of(list) {
  const some = list.filter(has);
  return some.length ? some : list;
}
