#include "apps/common/draw_flags.h"

int main(int argc, char** argv) { return matou::apps::drawingMain(matou::Program::presenter, "matou-presenter", argc, argv); }
