--[[
A button in darktable's module "selected images": it colors the selected black-and-white pictures.

Each is developed as darktable shows it, colored by the command `retint`, written beside it as
NAME.retint.jpg, imported, and grouped with its original. Existing files are not replaced.

To install: copy this file to ~/.config/darktable/lua/ and add the line require "retint" to
~/.config/darktable/luarc. To remove: delete both. Tried with darktable 4.2 on Linux; not for Windows.
]]
local dt = require "darktable"

local NAME = "color with retint"
local QUALITY = 95

dt.preferences.register(
  "retint", "command", "string", "retint: command",
  "the command that colors pictures; its whole path if darktable does not find it", "retint")

local function quoted(text)
  return "'" .. text:gsub("'", "'\\''") .. "'"
end

local function exists(path)
  local file = io.open(path, "rb")
  if file then file:close() end
  return file ~= nil
end

-- Returns the colored picture, or nil and why there is none.
local function colored(image, format)
  local target = image.path .. "/" .. image.filename:gsub("%.[^.]*$", "") .. ".retint.jpg"
  if exists(target) then return nil, target .. " exists" end
  local name = os.tmpname()
  local developed = name .. ".jpg"
  format:write_image(image, developed)
  local command = dt.preferences.read("retint", "command", "string")
  local status = 1
  if exists(developed) then
    local call = quoted(command) .. " -o " .. quoted(target) .. " -- " .. quoted(developed)
    status = dt.control.execute(call)
  end
  os.remove(developed)
  os.remove(name)
  if not exists(target) then
    return nil, image.filename .. " was not colored (" .. command .. ": " .. tostring(status) .. ")"
  end
  local result = dt.database.import(target)
  result:group_with(image.group_leader)
  return result
end

local function color(images)
  local format = dt.new_format("jpeg")
  format.quality = QUALITY
  local job = dt.gui.create_job(NAME, true)
  local done = 0
  for number, image in ipairs(images) do
    local result, problem = colored(image, format)
    if result then done = done + 1 else dt.print_error(problem) dt.print(problem) end
    job.percent = number / #images
  end
  job.valid = false
  dt.print("retint: " .. done .. " of " .. #images .. " colored")
  return done
end

dt.gui.libs.image.register_action(
  "retint", NAME, function(_, images) color(images) end, "color black-and-white pictures")

return { color = color }
