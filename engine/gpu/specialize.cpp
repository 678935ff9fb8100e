#include "gpu/specialize.h"

#include <algorithm>
#include <cstring>
#include <deque>
#include <initializer_list>
#include <optional>
#include <unordered_map>

namespace matou::gpu {
namespace {

using Word = std::uint32_t;
using Id = std::uint32_t;

/// Opcodes of SPIR-V 1.6 that are looked at.
enum Op : Word {
    opNop = 0, opUndef = 1, opName = 5, opMemberName = 6, opLine = 8, opEntryPoint = 15, opTypeBool = 20, opTypeInt = 21, opTypeFloat = 22, opConstantTrue = 41,
    opConstantFalse = 42, opConstant = 43, opConstantComposite = 44, opSpecConstantTrue = 48, opSpecConstantFalse = 49, opSpecConstant = 50, opSpecConstantComposite = 51,
    opSpecConstantOp = 52, opFunction = 54, opFunctionParameter = 55, opFunctionEnd = 56, opFunctionCall = 57, opVariable = 59, opLoad = 61, opStore = 62, opCopyMemory = 63,
    opDecorate = 71, opMemberDecorate = 72, opVectorShuffle = 79, opImageWrite = 99, opLogicalEqual = 164, opLogicalNotEqual = 165, opLogicalOr = 166, opLogicalAnd = 167,
    opLogicalNot = 168, opSelect = 169, opIEqual = 170, opINotEqual = 171, opUGreaterThan = 172, opSGreaterThan = 173, opUGreaterThanEqual = 174, opSGreaterThanEqual = 175,
    opULessThan = 176, opSLessThan = 177, opULessThanEqual = 178, opSLessThanEqual = 179,
    opIAdd = 128, opISub = 130, opIMul = 132, opShiftRightLogical = 194, opShiftLeftLogical = 196, opBitwiseOr = 197, opBitwiseXor = 198, opBitwiseAnd = 199, opNot = 200,
    opPhi = 245, opLoopMerge = 246, opSelectionMerge = 247, opLabel = 248, opBranch = 249, opBranchConditional = 250, opSwitch = 251, opUnreachable = 255, opNoLine = 317,
};
constexpr Word kDecorationSpecId = 1, kVolatile = 1;
constexpr Word kIdLimit = 1u << 22; // of the format

struct View {
    Word op = 0, count = 0; // words behind the first
    const Word* words = nullptr;
    Word operator[](std::size_t i) const { return words[i]; }
};

struct Block {
    Id label = 0;
    std::vector<View> body; // terminator last; without the label
    bool reached = false, required = false; // required: a header names it as its merge or continue target
    Id loopHeader = 0;                      // of which it is the continue target
    Id only = 0;                            // where its condition is known: the one successor, its merge is dropped
    std::vector<Id> successors;
};

struct Function {
    std::vector<View> head; // OpFunction and parameters
    std::vector<Block> blocks;
    bool live = false;
    Id id() const { return head.front()[1]; }
};

bool hasResult(Word op) {
    switch (op) {
    case opNop: case opLine: case opNoLine: case opStore: case opCopyMemory: case opImageWrite: case opLoopMerge: case opSelectionMerge: case opBranch: case opBranchConditional:
    case opSwitch: case 252: case 253: case 254: case opUnreachable: case 4416: case 5380: case 224: case 225: case 228: return false; // discard, return, demote, barriers, atomic store
    default: return true;
    }
}

/// May be left out where nobody uses its result.
bool isPure(const View& i) {
    const Word op = i.op;
    if (op == 12 && (i[3] == 35 || i[3] == 51)) return false; // modf and frexp write through a pointer
    if (op == opLoad && i.count > 3 && (i[3] & kVolatile)) return false;
    return op == opUndef || op == 12 || (op >= opLoad && op != opStore && op != opCopyMemory && op <= 70 && op != 64) || (op >= 77 && op <= 98) || (op >= 100 && op <= 106) ||
           (op >= 109 && op <= 124) || (op >= 126 && op <= 215) || op == opPhi; // extended, loads and chains, composites, images, numbers, derivatives
}

/// Marks on ids; the id of anything, also of what is no id.
class Marks {
public:
    explicit Marks(Word bound) : _marks(bound, 0) {}
    void add(Id id) {
        if (id < _marks.size()) _marks[id] = 1;
    }
    void add(const Word* from, const Word* to) {
        for (; from < to; ++from) add(*from);
    }
    bool operator[](Id id) const { return id < _marks.size() && _marks[id] != 0; }
    void clear() { std::fill(_marks.begin(), _marks.end(), std::uint8_t{0}); }

private:
    std::vector<std::uint8_t> _marks;
};

class Specializer {
public:
    Specializer(std::span<const Word> module, std::span<const Word> constants) : _module(module), _constants(constants) {}

    std::optional<std::vector<Word>> run() {
        if (_module.size() < 5 || _module[0] != 0x07230203u || _module[3] > kIdLimit) return std::nullopt;
        const Word bound = _module[3];
        _booleans = _words = _known = _globals = _locals = _defined = _used = _read = _variables = Marks(bound);
        _values.assign(bound, 0);
        if (!readHead() || !readFunctions()) return std::nullopt;
        for (auto& function : _functions)
            if (!follow(function)) return std::nullopt;
        findLiveFunctions();
        for (auto& function : _functions) {
            if (!function.live) continue;
            prunePhis(function);
            dropUnused(function);
        }
        return write();
    }

private:
    std::optional<Word> valueOf(Id id) const {
        return _known[id] ? std::optional(_values[id]) : std::nullopt;
    }
    void know(Id id, Word value) {
        if (id >= _values.size()) return;
        _values[id] = value;
        _known.add(id);
    }
    bool scalar(Id type) const { return _booleans[type] || _words[type]; }

    /// Of scalars of 32 bits and booleans (0 or 1).
    std::optional<Word> fold(Word op, std::span<const Word> operands) const {
        const auto known = [&](std::size_t i) { return i < operands.size() && _known[operands[i]]; };
        const auto value = [&](std::size_t i) { return _values[operands[i]]; };
        if (op == opLogicalAnd && ((known(0) && !value(0)) || (known(1) && !value(1)))) return 0u;
        if (op == opLogicalOr && ((known(0) && value(0)) || (known(1) && value(1)))) return 1u;
        if (!known(0)) return std::nullopt;
        const Word a = value(0);
        if (op == opLogicalNot) return a ? 0u : 1u;
        if (op == opNot) return ~a;
        if (op == opSelect) return known(a ? 1 : 2) ? std::optional(value(a ? 1 : 2)) : std::nullopt;
        if (!known(1)) return std::nullopt;
        const Word b = value(1);
        const auto signedA = static_cast<std::int32_t>(a), signedB = static_cast<std::int32_t>(b);
        switch (op) {
        case opLogicalEqual: case opIEqual: return a == b;
        case opLogicalNotEqual: case opINotEqual: return a != b;
        case opLogicalAnd: return a & b;
        case opLogicalOr: return a | b;
        case opSGreaterThan: return signedA > signedB;
        case opSGreaterThanEqual: return signedA >= signedB;
        case opSLessThan: return signedA < signedB;
        case opSLessThanEqual: return signedA <= signedB;
        case opUGreaterThan: return a > b;
        case opUGreaterThanEqual: return a >= b;
        case opULessThan: return a < b;
        case opULessThanEqual: return a <= b;
        case opIAdd: return a + b;
        case opISub: return a - b;
        case opIMul: return a * b;
        case opBitwiseAnd: return a & b;
        case opBitwiseOr: return a | b;
        case opBitwiseXor: return a ^ b;
        case opShiftLeftLogical: return b < 32 ? std::optional(a << b) : std::nullopt;
        case opShiftRightLogical: return b < 32 ? std::optional(a >> b) : std::nullopt;
        default: return std::nullopt;
        }
    }

    bool next(View& out) {
        if (_at >= _module.size()) return false;
        const Word length = _module[_at] >> 16;
        if (length == 0 || length > _module.size() - _at) {
            _broken = true;
            return false;
        }
        out = {_module[_at] & 0xffffu, length - 1, _module.data() + _at + 1};
        _at += length;
        return true;
    }

    void emit(Word op, std::span<const Word> words) {
        _head.push_back(static_cast<Word>(words.size() + 1) << 16 | op);
        _head.insert(_head.end(), words.begin(), words.end());
    }
    void emit(Word op, std::initializer_list<Word> words) { emit(op, std::span(words.begin(), words.size())); }

    void constant(Id type, Id id, Word value) {
        know(id, value);
        if (_booleans[type]) emit(value ? opConstantTrue : opConstantFalse, {type, id});
        else emit(opConstant, {type, id, value});
    }

    /// Up to the first function; constants become what they are set to.
    bool readHead() {
        std::unordered_map<Id, Word> numbers; // SpecId
        View i;
        _at = 5;
        for (auto before = _at; next(i); before = _at) {
            const std::span words(i.words, i.count);
            if (i.count == 0) return false;
            if (i.op == 7 || i.op == 11 || (i.op >= 19 && i.op <= 39)) _globals.add(i[0]); // texts, sets of extended instructions, types
            else if (i.count > 1 && (i.op == opUndef || (i.op >= opConstantTrue && i.op <= opSpecConstantOp) || i.op == opVariable)) _globals.add(i[1]);
            switch (i.op) {
            case opFunction: _at = before; return true;
            case opEntryPoint: _entries.push_back(i.count > 1 ? i[1] : 0); emit(i.op, words); break;
            case opDecorate:
                if (i.count == 3 && i[1] == kDecorationSpecId) {
                    numbers[i[0]] = i[2];
                    break;
                }
                emit(i.op, words);
                break;
            case opTypeBool: _booleans.add(i[0]); emit(i.op, words); break;
            case opTypeInt: case opTypeFloat:
                if (i.count > 1 && i[1] == 32) _words.add(i[0]);
                emit(i.op, words);
                break;
            case opConstantTrue: case opConstantFalse:
                if (i.count != 2) return false;
                constant(i[0], i[1], i.op == opConstantTrue);
                break;
            case opConstant:
                if (i.count == 3 && _words[i[0]]) know(i[1], i[2]);
                emit(i.op, words);
                break;
            case opSpecConstantTrue: case opSpecConstantFalse: case opSpecConstant: {
                const bool boolean = i.op != opSpecConstant;
                if (boolean ? i.count != 2 : i.count != 3 || !_words[i[0]]) return false;
                Word value = boolean ? i.op == opSpecConstantTrue : i[2];
                const auto number = numbers.find(i[1]);
                if (number != numbers.end() && number->second < _constants.size()) value = boolean ? _constants[number->second] != 0 : _constants[number->second];
                constant(i[0], i[1], value);
                break;
            }
            case opSpecConstantComposite: emit(opConstantComposite, words); break;
            case opSpecConstantOp: {
                if (i.count < 4) return false;
                const auto value = fold(i[2], words.subspan(3));
                if (!value || !scalar(i[0])) return false;
                constant(i[0], i[1], *value);
                break;
            }
            default: emit(i.op, words); break;
            }
        }
        return false;
    }

    bool readFunctions() {
        View i;
        while (next(i)) {
            if (i.op == opFunction) {
                if (i.count != 4) return false;
                _functions.push_back({{i}, {}});
            } else if (_functions.empty()) {
                return false;
            } else if (i.op == opLabel) {
                if (i.count != 1) return false;
                _functions.back().blocks.emplace_back();
                _functions.back().blocks.back().label = i[0];
            } else if (i.op == opFunctionEnd || i.op == opLine || i.op == opNoLine || i.op == opNop) {
                continue;
            } else if (_functions.back().blocks.empty()) {
                _functions.back().head.push_back(i);
            } else {
                _functions.back().blocks.back().body.push_back(i);
            }
        }
        for (const auto& function : _functions) {
            for (const auto& i : function.head) local(i.count > 1 ? i[1] : 0);
            for (const auto& block : function.blocks) {
                if (block.body.empty()) return false;
                local(block.label);
                for (const auto& i : block.body) {
                    if (hasResult(i.op) ? i.count < 2 : i.op == opStore && i.count < 2) return false;
                    if (hasResult(i.op)) local(i[1]);
                }
            }
        }
        return !_broken && !_functions.empty();
    }

    void local(Id id) {
        if (!_globals[id]) _locals.add(id);
    }

    /// Which blocks can be reached, by the values that are known.
    bool follow(Function& function) {
        if (function.blocks.empty()) return false;
        std::unordered_map<Id, std::size_t> places;
        for (std::size_t b = 0; b < function.blocks.size(); ++b) places[function.blocks[b].label] = b;
        function.blocks[0].reached = true;
        for (std::size_t b = 0; b < function.blocks.size(); ++b) {
            auto& block = function.blocks[b];
            if (!block.reached) continue;
            for (const auto& i : block.body) {
                if (i.op == opPhi) foldPhi(function, places, b, i);
                else if (hasResult(i.op) && i.count >= 3)
                    if (const auto value = fold(i.op, {i.words + 2, i.count - 2}); value && scalar(i[0])) know(i[1], *value);
            }
            const auto& last = block.body.back();
            const auto* merge = block.body.size() > 1 ? &block.body[block.body.size() - 2] : nullptr;
            if (last.op == opBranchConditional && merge && merge->op == opSelectionMerge)
                if (const auto condition = valueOf(last[0])) block.only = last[*condition ? 1 : 2];
            if (block.only) block.successors = {block.only};
            else if (last.op == opBranch) block.successors = {last[0]};
            else if (last.op == opBranchConditional) block.successors = {last[1], last[2]};
            else if (last.op == opSwitch) { // literals of 32 bits
                block.successors = {last[1]};
                for (Word w = 3; w < last.count; w += 2) block.successors.push_back(last[w]);
            }
            for (const Id to : block.successors) {
                const auto place = places.find(to);
                if (place == places.end()) return false;
                auto& target = function.blocks[place->second];
                if (!target.reached && place->second <= b) return false; // not in the order that is asked for: leave it
                target.reached = true;
            }
            if (block.only || !merge || (merge->op != opSelectionMerge && merge->op != opLoopMerge)) continue;
            for (Word w = 0; w < (merge->op == opLoopMerge ? 2u : 1u); ++w) {
                const auto place = w < merge->count ? places.find((*merge)[w]) : places.end();
                if (place == places.end()) return false;
                auto& target = function.blocks[place->second];
                target.required = true;
                if (w == 1) target.loopHeader = block.label;
            }
        }
        // A loop that is never gone round keeps a continue target that only goes back; values of its header would lack one.
        for (const auto& block : function.blocks)
            if (block.required && !block.reached && block.loopHeader)
                for (const auto& i : function.blocks[places.at(block.loopHeader)].body)
                    if (i.op == opPhi) return false;
        return true;
    }

    /// Known where all that can come in is the same; not where something comes from further down.
    void foldPhi(const Function& function, const std::unordered_map<Id, std::size_t>& places, std::size_t b, const View& phi) {
        std::optional<Word> same;
        for (Word w = 2; w + 1 < phi.count; w += 2) {
            const auto from = places.find(phi[w + 1]);
            if (from == places.end() || from->second >= b) return;
            if (!leads(function.blocks[from->second], function.blocks[b].label)) continue;
            const auto value = valueOf(phi[w]);
            if (!value || (same && *same != *value)) return;
            same = value;
        }
        if (same && scalar(phi[0])) know(phi[1], *same);
    }

    static bool leads(const Block& from, Id to) { return from.reached && std::find(from.successors.begin(), from.successors.end(), to) != from.successors.end(); }

    void findLiveFunctions() {
        std::unordered_map<Id, Function*> byId;
        for (auto& function : _functions) byId[function.id()] = &function;
        std::vector<Id> open(_entries.begin(), _entries.end());
        while (!open.empty()) {
            const auto found = byId.find(open.back());
            open.pop_back();
            if (found == byId.end() || found->second->live) continue;
            found->second->live = true;
            for (const auto& block : found->second->blocks)
                for (const auto& i : block.body)
                    if (block.reached && i.op == opFunctionCall && i.count > 2) open.push_back(i[2]);
        }
    }

    /// What can no longer come in is left out.
    void prunePhis(Function& function) {
        std::unordered_map<Id, const Block*> byLabel;
        for (const auto& block : function.blocks) byLabel[block.label] = &block;
        for (auto& block : function.blocks)
            for (auto& i : block.body) {
                if (!block.reached || i.op != opPhi) continue;
                auto& words = _made.emplace_back(std::vector<Word>{i[0], i[1]});
                for (Word w = 2; w + 1 < i.count; w += 2)
                    if (const auto from = byLabel.find(i[w + 1]); from != byLabel.end() && leads(*from->second, block.label)) words.insert(words.end(), {i[w], i[w + 1]});
                i = {words.size() == 2 ? Word{opUndef} : Word{opPhi}, static_cast<Word>(words.size()), words.data()};
            }
    }

    /// Values that nobody uses, and variables that are only written. Any word that could be an id counts as a use.
    void dropUnused(Function& function) {
        for (int round = 0; round < 3; ++round) {
            _used.clear();
            _read.clear();
            _variables.clear();
            for (const auto& block : function.blocks)
                for (const auto& i : block.body) {
                    if (!block.reached) continue;
                    if (i.op == opPhi) _used.add(i.words + 2, i.words + i.count);
                    if (i.op == opStore) _read.add(i.words + 1, i.words + i.count);
                    else if (i.op == opVariable) _variables.add(i[1]);
                    else _read.add(i.words + (hasResult(i.op) ? 2 : 0), i.words + i.count);
                }
            const auto writtenOnly = [&](Id variable) { return _variables[variable] && !_read[variable]; };
            for (auto block = function.blocks.rbegin(); block != function.blocks.rend(); ++block) {
                if (!block->reached) continue;
                for (auto i = block->body.rbegin(); i != block->body.rend(); ++i) {
                    if (block->only && (i->op == opBranchConditional || i->op == opSelectionMerge)) continue;
                    const bool gone = i->op == opStore      ? writtenOnly((*i)[0])
                                      : i->op == opVariable ? writtenOnly((*i)[1])
                                                            : isPure(*i) && !_used[(*i)[1]];
                    if (gone) i->op = opNop;
                    else _used.add(i->words + (hasResult(i->op) ? 2 : 0), i->words + i->count);
                }
                std::erase_if(block->body, [](const View& i) { return i.op == opNop; });
            }
        }
    }

    std::vector<Word> write() {
        std::vector<Word> body;
        const auto put = [&](Word op, const Word* words, Word count) {
            body.push_back((count + 1) << 16 | op);
            body.insert(body.end(), words, words + count);
        };
        for (const auto& function : _functions) {
            if (!function.live) continue;
            for (const auto& i : function.head) {
                _defined.add(i[1]);
                put(i.op, i.words, i.count);
            }
            for (const auto& block : function.blocks) {
                if (!block.reached && !block.required) continue;
                _defined.add(block.label);
                put(opLabel, &block.label, 1);
                if (!block.reached) {
                    if (block.loopHeader) put(opBranch, &block.loopHeader, 1);
                    else put(opUnreachable, nullptr, 0);
                    continue;
                }
                for (const auto& i : block.body) {
                    if (block.only && i.op == opSelectionMerge) continue;
                    if (block.only && i.op == opBranchConditional) {
                        put(opBranch, &block.only, 1);
                        continue;
                    }
                    if (hasResult(i.op)) _defined.add(i[1]);
                    put(i.op, i.words, i.count);
                }
            }
            put(opFunctionEnd, nullptr, 0);
        }
        std::vector<Word> out(_module.begin(), _module.begin() + 5);
        for (std::size_t at = 0; at < _head.size(); at += _head[at] >> 16) { // names and decorations of what is gone go too
            const Word op = _head[at] & 0xffffu, target = _head[at + 1];
            if ((op == opName || op == opDecorate) && _locals[target] && !_defined[target]) continue;
            const auto* words = _head.data() + at;
            out.insert(out.end(), words, words + (*words >> 16));
        }
        out.insert(out.end(), body.begin(), body.end());
        return out;
    }

    std::span<const Word> _module, _constants;
    std::size_t _at = 0;
    bool _broken = false;
    std::vector<Word> _head; // instructions before the functions, as they will be written
    std::vector<Id> _entries;
    Marks _booleans{0}, _words{0};                       // types
    Marks _globals{0}, _locals{0}, _defined{0};          // ids, by where they are defined; those that are still there of the second
    Marks _known{0};                                     // with a value
    Marks _used{0}, _read{0}, _variables{0};             // of one function
    std::vector<Word> _values;
    std::vector<Function> _functions;
    std::deque<std::vector<Word>> _made; // words of instructions that were rewritten
};

} // namespace

std::vector<std::uint32_t> specialized(std::span<const unsigned char> spirv, std::span<const std::uint32_t> constants) {
    std::vector<Word> module(spirv.size() / 4);
    std::memcpy(module.data(), spirv.data(), module.size() * 4);
    if (auto made = Specializer(module, constants).run()) return std::move(*made);
    return module;
}

} // namespace matou::gpu
