/* Board: what came in since the page was opened is marked in words and told once, politely. */
(() => {
  "use strict"
  const seen = new Set(), fresh = new Set()
  const rows = () => [...document.querySelectorAll("[data-trouble]")]
  rows().forEach(row => seen.add(row.dataset.trouble))

  document.addEventListener("htmx:afterSettle", () => {
    const news = document.getElementById("board-news"), told = []
    rows().forEach(row => {
      const key = row.dataset.trouble
      if (!seen.has(key)) {
        seen.add(key)
        fresh.add(key)
        told.push(row.dataset.words)
      }
      row.querySelector(".trouble-new").hidden = !fresh.has(key)
    })
    if (told.length && news) news.textContent = `${news.dataset.words} ${told.join(", ")}`
  })
})()
