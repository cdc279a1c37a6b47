/* Shows what needs a script, and says what to do when the browser's passkey window ends without a passkey. */
(function () {
  'use strict'
  document.addEventListener('DOMContentLoaded', function () {
    if (!window.PublicKeyCredential) return
    document.querySelectorAll('.needs-script').forEach(function (element) { element.hidden = false })
  })
  document.addEventListener('allauth.error', function (event) {
    event.preventDefault()
    var data = document.getElementById('passkey_trouble')
    var place = document.querySelector('.messages')
    if (!data || !place) return
    var words = document.createElement('p')
    words.className = 'notice notice--warning'
    words.textContent = JSON.parse(data.textContent)
    place.replaceChildren(words)
    place.scrollIntoView({ block: 'center' })
  })
})()
