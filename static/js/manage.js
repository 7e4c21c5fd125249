// Long selects of /manage/ get a box above them that narrows the list. Without script the plain select works.
document.querySelectorAll("select[data-find]").forEach(select => {
  if (select.options.length < 15) return
  const box = document.createElement("input")
  box.type = "search"
  box.className = "form-control find-box"
  box.placeholder = select.dataset.find
  box.setAttribute("aria-label", select.dataset.find)
  box.autocomplete = "off"
  select.before(box)
  const options = [...select.options]
  const chosen = select.value
  const narrow = () => {
    const text = box.value.trim().toLowerCase()
    const fits = option => `${option.value} ${option.textContent}`.toLowerCase().includes(text)
    // An empty choice follows what is typed; one that somebody made before stays until another is made.
    if (!select.multiple && !chosen) select.value = text ? options.find(one => one.value && fits(one))?.value ?? "" : ""
    options.forEach(option => {
      option.hidden = option.disabled = Boolean(option.value) && !option.selected && !fits(option)
    })
  }
  box.addEventListener("input", event => { if (!event.isComposing) narrow() })
  box.addEventListener("compositionend", narrow)
  box.addEventListener("keydown", event => {
    if (event.key !== "Enter" || event.isComposing || event.keyCode === 229) return
    event.preventDefault()
    select.focus()
  })
})
