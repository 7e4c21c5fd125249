// The copy button of a new token. Without script the token can still be marked and copied by hand.
document.querySelectorAll("[data-copy]").forEach(button => {
  if (!navigator.clipboard) return
  button.hidden = false
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(document.getElementById(button.dataset.copy).textContent)
    button.querySelector("span").textContent = button.dataset.copied
  })
})
