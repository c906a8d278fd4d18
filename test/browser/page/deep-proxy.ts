const wrappers = new WeakMap<object, object>()

/**
 * As frameworks wrap what is kept in their state: every object that is got from it is wrapped as well, so that methods
 * run on wrappers, and getters too. What has hidden slots of its own (promises, maps, bytes) is left as it is.
 */
export function deepProxy<T extends object>(target: T): T {
  const known = wrappers.get(target)
  if (known) return known as T
  const wrapper = new Proxy(target, {
    get(from, key, receiver) {
      const value: unknown = Reflect.get(from, key, receiver)
      return isWrapped(value) ? deepProxy(value) : value
    },
  })
  wrappers.set(target, wrapper)
  // What is wrapped already is not wrapped again.
  wrappers.set(wrapper, wrapper)
  return wrapper
}

function isWrapped(value: unknown): value is object {
  const kinds = ['[object Object]', '[object Array]']
  return typeof value === 'object' && value !== null && kinds.includes(Object.prototype.toString.call(value))
}
