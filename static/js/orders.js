/* List of orders: rows by keyboard. */
(() => {
  "use strict"
  const links = () => [...document.querySelectorAll("[data-row] a.order-number")]
  const more = document.querySelector("[data-filters]")
  if (more && matchMedia("(max-width: 47.99em)").matches) more.open = [...more.querySelectorAll("input, select")].some(field => field.name && field.value)
  document.addEventListener("hotline:key", event => {
    const step = {j: 1, k: -1}[event.detail.key]
    if (!step) return
    event.preventDefault()
    const all = links(), at = all.indexOf(document.activeElement?.closest("[data-row]")?.querySelector("a.order-number"))
    all[at < 0 ? (step > 0 ? 0 : all.length - 1) : Math.max(0, Math.min(all.length - 1, at + step))]?.focus()
  })
})()
